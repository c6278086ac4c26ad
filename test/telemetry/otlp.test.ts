import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { logsCodec, metricsCodec, tracesCodec } from '../../pipeline/codec/signal_codec.ts'
import { readTaken, startBackend, type Taken } from '../support/otlp_backend.ts'
import { sendSpans, startWeir } from './weir.ts'

const TIMEOUT = { timeout: 40_000 }

const none = { metrics: { level: 'none' } }

describe('own telemetry by OTLP', () => {
  test('metrics: delta, compressed, with a header and the resource', TIMEOUT, async () => {
    const sink = await startBackend()
    const otlp = {
      protocol: 'http/protobuf',
      endpoint: sink.endpoint,
      compression: 'gzip',
      headers: [{ name: 'x-key', value: 'k' }],
      temporality_preference: 'delta',
    }
    const readers = [{ periodic: { interval: 1000, exporter: { otlp } } }] // an export may last as long
    const weir = await startWeir({
      telemetry: { metrics: { readers }, resource: { 'service.name': 'edge' } },
    })
    const sums = (all: readonly Taken[], name: string): readonly number[] =>
      all
        .filter(({ path }) => path === '/v1/metrics')
        .flatMap((one) => readTaken(metricsCodec, one))
        .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
        .filter((metric) => metric.name === name)
        .flatMap(({ data }) => (data.kind === 'sum' ? data.points : []))
        .map(({ value }) => Number(value?.kind === 'int' ? value.value : 0))
    try {
      await sendSpans(weir, 5)
      const accepted = 'otelcol_receiver_accepted_spans'
      const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
      await sink.find((all) => total(sums(all, accepted)) === 5 || undefined)
      const [first] = sink.taken
      assert.ok(first)
      assert.equal(first.headers['x-key'], 'k')
      const [resource] = readTaken(metricsCodec, first)
      const name = resource?.resource.attributes.find(({ key }) => key === 'service.name')
      assert.deepEqual(name?.value, { kind: 'string', value: 'edge' })
      // As deltas the points of later exports add nothing.
      const exports = sink.taken.length
      await sink.find((all) => all.length > exports + 1 || undefined)
      assert.equal(total(sums(sink.taken, accepted)), 5)
    } finally {
      assert.equal(await weir.stop(), 0)
      sink.close()
    }
  })

  test('traces: a span of the sender goes on, the exporter has its own', TIMEOUT, async () => {
    const sink = await startBackend()
    const otlp = { protocol: 'http/json', endpoint: sink.endpoint }
    const weir = await startWeir({
      telemetry: {
        ...none,
        traces: {
          propagators: ['tracecontext'],
          processors: [{ batch: { schedule_delay: 50, exporter: { otlp } } }],
        },
      },
      endpoint: `${sink.endpoint}/data`,
    })
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const spans = (all: readonly Taken[]) =>
      all
        .filter(({ path }) => path === '/v1/traces')
        .flatMap((one) => readTaken(tracesCodec, one))
        .flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
    try {
      await sendSpans(weir, 3, { traceparent: `00-${traceId}-00f067aa0ba902b7-01` })
      const received = await sink.find((all) =>
        spans(all).find(({ name }) => name === 'receiver/otlp/TraceDataReceived'),
      )
      assert.deepEqual([received.traceId, received.parentSpanId], [traceId, '00f067aa0ba902b7'])
      const attributes = Object.fromEntries(
        received.attributes.map(({ key, value }) => [key, 'value' in value ? value.value : null]),
      )
      assert.deepEqual(attributes, { transport: 'http', accepted_spans: 3, refused_spans: 0 })
      const sent = await sink.find((all) =>
        spans(all).find(({ name }) => name === 'exporter/otlp_http/traces'),
      )
      assert.equal(sent.parentSpanId, '')
    } finally {
      assert.equal(await weir.stop(), 0)
      sink.close()
    }
  })

  test('logs: lines as records, the last ones too', TIMEOUT, async () => {
    const sink = await startBackend()
    const otlp = { protocol: 'http/protobuf', endpoint: `${sink.endpoint}/own/path` }
    const logs = { processors: [{ batch: { exporter: { otlp } } }] }
    const weir = await startWeir({ telemetry: { ...none, logs } })
    assert.equal(await weir.stop(), 0)
    sink.close()
    const records = sink.taken
      .filter(({ path }) => path === '/own/path')
      .flatMap((one) => readTaken(logsCodec, one))
      .flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords))
    const bodies = records.map(({ body }) => (body?.kind === 'string' ? body.value : ''))
    assert.ok(bodies.includes('Everything is ready. Begin running and processing data.'))
    assert.ok(bodies.includes('Starting shutdown...'))
    assert.equal(records[0]?.severityText, 'info')
  })

  test('a backend that is not there is said once, and costs nothing else', TIMEOUT, async () => {
    const otlp = { protocol: 'http/protobuf', endpoint: 'http://127.0.0.1:1', timeout: 100 }
    const readers = [{ periodic: { interval: 100, timeout: 100, exporter: { otlp } } }]
    const weir = await startWeir({ telemetry: { metrics: { readers } } })
    await weir.says('Own telemetry.')
    assert.equal((await sendSpans(weir, 1)).status, 200)
    assert.equal(await weir.stop(), 0)
  })
})
