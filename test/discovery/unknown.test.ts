import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { lastAccount } from '../faults/account.ts'
import { startAgent } from '../truth/agent.ts'
import { pathOf } from '../truth/compare.ts'
import { startSink } from '../truth/sink.ts'

const run = promisify(execFile)
const REQUESTS = 4

/** Programs whose arguments fill the ring of processes, and what is left of it by their forks and ends. */
const FILL = 'x=$(printf %04000d 0); for i in $(seq 350); do /bin/true $x; done'

test('what ended before anything was known of it is not chosen by an entry that asks for more', async (t) => {
  const asked: string[] = []
  const server = createServer(({ url }, response) => {
    asked.push(url ?? '')
    response.end('x')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const sink = await startSink()
  t.after(() => sink.close())
  const agent = await startAgent({ endpoint: sink.endpoint, instrument: [{ exe_path: '*/never' }] })
  t.after(() => agent.process.kill('SIGKILL'))
  const { port } = server.address() as AddressInfo
  const asks = Array.from({ length: REQUESTS }, (_, i) => {
    return `curl --silent --output /dev/null http://127.0.0.1:${port}/r/unknown-${i}`
  })
  agent.process.kill('SIGSTOP')
  await run('sh', ['-c', [FILL, ...asks].join('; ')])
  agent.process.kill('SIGCONT')
  assert.equal(await agent.stop(), 0)
  assert.equal(asked.length, REQUESTS)
  assert.deepEqual(
    sink.spans.map(pathOf).filter((path) => path.startsWith('/r/unknown-')),
    [],
  )
  const { text } = lastAccount(agent)
  assert.ok(Number(/not_selected (\d+)/.exec(text)?.[1]) >= REQUESTS, text)
})
