import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { outageSeconds } from '../size.ts'
import { freePort } from '../support/ports.ts'
import { startAgent } from '../truth/agent.ts'
import { lastAccount } from './account.ts'
import { startLoad, withNginx } from './load.ts'

type Behaviour = (response: ServerResponse) => void

const status = (code: number, headers: Readonly<Record<string, string>> = {}): Behaviour => {
  return (response) => void response.writeHead(code, headers).end()
}

const TABLE: readonly [name: string, behave: Behaviour, lastsMs: number][] = [
  ['429 with Retry-After', status(429, { 'retry-after': '1' }), 2000],
  ['503', status(503), 2000],
  ['400', status(400), 1000],
  [
    'an answer that is not OTLP',
    (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    1000,
  ],
  ['slow', (response) => void setTimeout(() => status(200)(response), 1500), 2000],
  ['cut off', (response) => void response.destroy(), 1000],
]

interface Backend {
  readonly endpoint: string
  received: number
  behave: Behaviour | undefined
  close(): Promise<void>
}

async function startBackend(port: number): Promise<Backend> {
  const good: Behaviour = (response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      backend.received++
      const behave = backend.behave ?? good
      behave(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const backend: Backend = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: 0,
    behave: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return backend
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

for (const [name, behave, lastsMs] of TABLE) {
  test(`a backend that answers with ${name}`, async (t) => {
    const backend = await startBackend(0)
    backend.behave = behave
    await withNginx(async ({ base }) => {
      const agent = await startAgent({
        endpoint: backend.endpoint,
        instrument: [{ exe_path: '*/nginx' }],
      })
      const load = startLoad(`${base}/r/1/small`, 1)
      await load.report
      await pause(lastsMs)
      backend.behave = undefined
      assert.equal(await agent.stop(), 0)
      const account = lastAccount(agent)
      t.diagnostic(account.text)
      assert.ok(backend.received > 0)
      assert.ok(account.seen > 0)
      assert.equal(account.seen, account.exported + account.lost + account.skipped)
    })
    await backend.close()
  })
}

test(`a backend that is away for ${outageSeconds} s`, async (t) => {
  const port = await freePort()
  await withNginx(async ({ base }) => {
    const agent = await startAgent({
      endpoint: `http://127.0.0.1:${port}`,
      instrument: [{ exe_path: '*/nginx' }],
    })
    const load = startLoad(`${base}/r/1/small`, 1)
    const { requests, errors } = await load.report
    assert.deepEqual(errors, [])
    await pause(outageSeconds * 1000)
    const backend = await startBackend(port)
    assert.equal(await agent.stop(), 0)
    const account = lastAccount(agent)
    t.diagnostic(`${requests} requests; ${account.text}`)
    assert.equal(account.seen, account.exported + account.lost + account.skipped)
    await backend.close()
  })
})
