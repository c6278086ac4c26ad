// A client of HTTP/2 on Node, many requests at once on one connection: `node http2.mjs ORIGIN CA ROUNDS [old|wide]`. It connects when it
// is told to go on, or at once (old). With a wide window it asks for what is huge, twice, and no more.
import { readFileSync } from 'node:fs'
import { connect } from 'node:http2'

const [origin, ca, rounds, when] = process.argv.slice(2)
const WIDE_BYTES = 8 << 20
let session
const request = (path, headers = {}, body = '') =>
  new Promise((resolve, reject) => {
    session ??= connect(origin, { ca: readFileSync(ca) })
    const stream = session.request(
      { ':path': path, 'user-agent': 'weir-test', ...headers },
      { endStream: body === '' },
    )
    stream.on('error', reject).on('close', resolve).resume()
    if (body !== '') stream.end(body)
  })

if (when === 'old') await request('/page?first')
process.stdout.write('ready\n')
const told = () => new Promise((resolve) => process.stdin.once('data', resolve))
await told()
if (when === 'wide') {
  session = connect(origin, {
    ca: readFileSync(ca),
    settings: { initialWindowSize: WIDE_BYTES },
  })
  session.once('connect', () => session.setLocalWindowSize(WIDE_BYTES))
  await request('/huge?1')
  await request('/huge?2')
  process.stdout.write('done\n')
} else {
  await request('/page?second')
}
await told()
for (let i = 0; i < (when === 'wide' ? 0 : Number(rounds)); i++) {
  await Promise.all([
    request(`/page?node=${i}`),
    request(`/missing/${i}`),
    request(`/fail/${i}`, { ':method': 'POST' }, 'x'.repeat(i % 3 === 0 ? 40_000 : 10)),
    request(`/large?node=${i}`),
  ])
}
session.close(() => process.stdin.destroy())
