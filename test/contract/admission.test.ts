import assert from 'node:assert/strict'
import http from 'node:http'
import net from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { nopExporter } from '../../exporters/nop/factory.ts'
import { Graph } from '../../pipeline/graph.ts'
import { memoryLimiter } from '../../processors/memory_limiter/factory.ts'
import { otlp } from '../../receivers/otlp/factory.ts'
import { later, testContext } from '../support/context.ts'
import { freePort } from '../support/ports.ts'
import { spans } from '../support/telemetry.ts'

/** otlp, memory_limiter, nop on a port of its own. */
async function running(t: TestContext, limit_mib: number) {
  const port = await freePort()
  const { ctx, counters } = testContext()
  const protocols = { http: { endpoint: `127.0.0.1:${port}` } }
  const limits = { check_interval: '10s', limit_mib }
  const graph = new Graph(
    {
      receivers: new Map([['otlp', { factory: otlp, config: otlp.schema.parse({ protocols }) }]]),
      processors: new Map([
        ['limit', { factory: memoryLimiter, config: memoryLimiter.schema.parse(limits) }],
      ]),
      exporters: new Map([['nop', { factory: nopExporter, config: {} }]]),
      connectors: new Map(),
      extensions: new Map(),
      pipelines: new Map([
        ['traces', { receivers: ['otlp'], processors: ['limit'], exporters: ['nop'] }],
      ]),
      service: { extensions: [] },
    },
    { log: ctx.log, now: ctx.now, counters },
  )
  await graph.start(later())
  t.after(() => graph.shutdown(AbortSignal.abort()))
  return { port, counters }
}

/** Sends the head of a request and no byte of its body. Gives what is answered. */
function sendHead(port: number, bytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1')
    let answer = ''
    socket.on('error', reject)
    socket.on('data', (part) => {
      answer += part
    })
    socket.on('close', () => resolve(answer))
    socket.write(
      `POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${bytes}\r\n\r\n`,
    )
  })
}

describe('admission', () => {
  test('a request is refused before its body is read', async (t) => {
    const { port, counters } = await running(t, 1)
    const answer = await sendHead(port, 1000)
    assert.match(answer, /^HTTP\/1\.1 503 /)
    assert.match(answer, /\r\nretry-after: 10\r\n/i)
    assert.match(answer, /data refused due to high memory usage/)
    assert.equal(counters.total('otelcol_receiver_refused_requests_memory'), 1)
  })

  test('a request that is larger than what is left is refused, a small one is taken', async (t) => {
    const room = 15 << 20
    const limit = Math.ceil(((process.memoryUsage.rss() + room) / (1 << 20)) * 1.25)
    const { port, counters } = await running(t, limit)
    assert.match(await sendHead(port, 19 << 20), /^HTTP\/1\.1 503 /)
    const answer = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: Buffer.from(spans(3).toProtobuf()),
    })
    assert.equal(answer.status, 200)
    assert.equal(counters.total('otelcol_exporter_sent_spans'), 3)
  })

  test('a body without a length is refused while it comes', async (t) => {
    const room = 8 << 20
    const limit = Math.ceil(((process.memoryUsage.rss() + room) / (1 << 20)) * 1.25)
    const { port, counters } = await running(t, limit)
    const request = http.request({ port, host: '127.0.0.1', method: 'POST', path: '/v1/traces' })
    request.setHeader('content-type', 'application/x-protobuf')
    request.on('error', () => undefined) // it is cut, perhaps before its answer is here
    for (let mib = 0; mib < 19; mib++) request.write(Buffer.alloc(1 << 20))
    await new Promise((resolve) => request.on('close', resolve))
    assert.equal(counters.total('otelcol_receiver_refused_requests_memory'), 1)
  })
})
