import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { runSender } from '../interop/senders.ts'
import { type Sink, startSink as startBackend } from '../interop/sink.ts'
import { startAgent } from '../truth/agent.ts'
import { startSink } from '../truth/sink.ts'

/** Traces, metrics and logs over gRPC, and again over HTTP, as the backend sees them; what sends them may be seen, too. */
const EXPORTS = 2 * 3

describe('OTLP is no span, and is counted', () => {
  let backend: Sink

  before(async () => {
    backend = await startBackend()
  })
  after(() => backend.stop())

  test("exports of OpenTelemetry's SDK for Go to its classes in Python, over gRPC", async () => {
    const sink = await startSink()
    const instrument = [{ open_ports: `${backend.grpc},${backend.http}` }]
    const agent = await startAgent({ endpoint: sink.endpoint, instrument })
    const endpoint = `http://127.0.0.1:${backend.grpc}`
    const direct = `http://127.0.0.1:${backend.http}/proto`
    const row = { language: 'go', protocol: 'grpc', compression: undefined, tls: false } as const
    await runSender(row, { endpoint, direct, ca: '' })
    await agent.stop()
    await sink.close()
    const [, exported, counted] =
      /exported (\d+) .*otlp_export (\d+)/.exec(agent.log.join('\n')) ?? []
    assert.deepEqual([sink.spans, Number(exported)], [[], 0])
    assert.ok(Number(counted) >= EXPORTS, `${counted} were counted`)
  })
})
