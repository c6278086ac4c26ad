import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { full } from '../size.ts'
import { startAgent } from '../truth/agent.ts'
import { pathOf } from '../truth/compare.ts'
import { startSink } from '../truth/sink.ts'

const run = promisify(execFile)
const ROUNDS = full ? 1000 : 20
const AT_ONCE = 4
const WAIT_MS = 20_000

/** What a shell that is not watched starts: a fork of it, which becomes curl and asks at once. */
const asks = (url: string) => `curl --silent --output /dev/null ${url}`

test('programs that are chosen by their path are seen from their first call on', async (t) => {
  const server = createServer((_, response) => response.end('x')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sink = await startSink()
  t.after(() => sink.close())
  t.after(() => server.close())
  const agent = await startAgent({ endpoint: sink.endpoint, instrument: [{ exe_path: '*/curl' }] })
  t.after(() => agent.stop())
  const { port } = server.address() as AddressInfo
  const paths = Array.from({ length: ROUNDS * AT_ONCE }, (_, i) => `/r/executed-${i}`)
  const mine = () => sink.spans.map(pathOf).filter((path) => path.startsWith('/r/executed-'))
  for (let i = 0; i < paths.length; i += AT_ONCE) {
    const urls = paths.slice(i, i + AT_ONCE).map((path) => `http://127.0.0.1:${port}${path}`)
    await run('sh', ['-c', `${urls.map((url) => `${asks(url)} &`).join(' ')} wait`])
  }
  await sink.settled(() => mine().length >= paths.length, WAIT_MS)
  assert.deepEqual(mine().sort(), paths.sort())
})
