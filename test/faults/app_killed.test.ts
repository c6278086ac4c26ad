import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { freePort } from '../support/ports.ts'
import { startAgent } from '../truth/agent.ts'
import { pathOf } from '../truth/compare.ts'
import { startSink } from '../truth/sink.ts'

const QUIET_MS = 20_000

const HANGS = `
import http.server, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print("asked", flush=True)
        time.sleep(60)
import sys
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
print("ready", flush=True)
server.serve_forever()
`

test('a server killed in the middle of a request leaves one span that says so, at each end', async () => {
  const sink = await startSink()
  const agent = await startAgent({ endpoint: sink.endpoint })
  const port = await freePort()
  const server = spawn('/usr/bin/python3', ['-c', HANGS, String(port)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const says = createInterface({ input: server.stdout }) // print() writes a line and its end apart
  await once(says, 'line')
  const client = spawn('curl', ['-s', `http://127.0.0.1:${port}/r/killed/x`], { stdio: 'ignore' })
  await once(says, 'line')
  server.kill('SIGKILL')
  await once(client, 'exit')
  const mine = () => sink.spans.filter((span) => pathOf(span) === '/r/killed/x')
  await sink.settled(() => mine().length >= 2, QUIET_MS)
  assert.equal(await agent.stop(), 0)
  await sink.close()
  assert.deepEqual(
    mine()
      .map(({ kind }) => kind)
      .sort(),
    ['client', 'server'],
  )
  for (const span of mine()) {
    assert.ok(span.error, `${span.kind} span is an error`)
    assert.ok(span.attributes.has('error.type'))
    assert.ok(!span.attributes.has('http.response.status_code'))
  }
})
