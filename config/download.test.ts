import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { makeCertificates } from '../test/support/certificates.ts'
import { downloadText } from './download.ts'

const run = promisify(execFile)

async function serve(t: TestContext, answer: RequestListener): Promise<URL> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await new Promise((listening) => server.once('listening', listening))
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}

describe('downloadText', () => {
  test('follows redirects, but not for ever', async (t) => {
    const url = await serve(t, ({ url: path = '' }, response) => {
      const left = Number(path.slice(1))
      if (left === 0) response.end('a: 5')
      else response.writeHead(302, { location: `/${left - 1}` }).end()
    })
    assert.equal(await downloadText(new URL('/10', url)), 'a: 5')
    await assert.rejects(downloadText(new URL('/11', url)), /more than 10 redirects/)
  })

  const refused: readonly [why: string, answer: RequestListener, says: RegExp][] = [
    ['is not there', (_, response) => response.writeHead(404).end(), /status 404/],
    [
      'is too large',
      (_, response) => response.end(Buffer.alloc(5 << 20)),
      /more than 4194304 bytes/,
    ],
    ['breaks off', (_, response) => response.write('a', () => response.destroy()), /aborted/],
  ]
  for (const [why, answer, says] of refused) {
    test(`rejects what ${why}`, async (t) => {
      await assert.rejects(downloadText(await serve(t, answer)), says)
    })
  }

  test('trusts the authorities of the machine', async (t) => {
    const pem = makeCertificates()
    const [cert, key] = [readFileSync(pem.serverCert), readFileSync(pem.serverKey)]
    const server = createSecureServer({ cert, key }, (_, response) => response.end('a: 5'))
    server.listen(0, '127.0.0.1')
    t.after(() => server.close())
    await new Promise((listening) => server.once('listening', listening))
    const { port } = server.address() as AddressInfo
    const program = `import { downloadText } from ${JSON.stringify(new URL('./download.js', import.meta.url))}
      console.log(await downloadText(new URL('https://localhost:${port}/')).catch(({ code }) => code))`
    const trusting = async (file: string): Promise<string> => {
      const args = ['--input-type=module', '-e', program]
      const env = { ...process.env, SSL_CERT_FILE: file }
      return (await run(process.execPath, args, { env })).stdout.trim()
    }
    assert.equal(await trusting(pem.ca), 'a: 5')
    assert.equal(await trusting(pem.clientCert), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
  })
})
