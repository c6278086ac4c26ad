import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fc } from '../../test/support/fast_check.ts'
import {
  gauge,
  records,
  resourceMetrics,
  resourceSpans,
  scope,
  span,
  spans,
} from '../../test/support/telemetry.ts'
import { tracesCodec } from '../codec/signal_codec.ts'
import { logBatch, metricBatch, traceBatch } from './batch.ts'
import { scanRequest } from './request.ts'

const names = (batch: ReturnType<typeof traceBatch>) =>
  batch
    .resources()
    .flatMap((one) => one.scopeSpans)
    .flatMap((one) => one.spans)
    .map((one) => one.name)

describe('Batch', () => {
  test('counts spans, data points and log records', () => {
    assert.equal(spans(3).count, 3)
    assert.equal(metricBatch([resourceMetrics([gauge('a', 2), gauge('b', 3)])]).count, 5)
    assert.equal(records(4).count, 4)
    assert.equal(logBatch([]).count, 0)
  })

  test('divided anywhere, the two parts hold all spans in their order', () => {
    const sizes = fc.array(fc.array(fc.nat(4), { maxLength: 4 }), { maxLength: 4 })
    fc.assert(
      fc.property(sizes, fc.nat(20), (resources, at) => {
        let next = 0
        const batch = traceBatch(
          resources.map((scopes) => ({
            ...resourceSpans([]),
            scopeSpans: scopes.map((n) => ({
              scope,
              spans: Array.from({ length: n }, () => span({ name: String(next++) })),
              schemaUrl: '',
            })),
          })),
        )
        const cut = Math.min(at, batch.count)
        const [head, tail] = batch.divide(cut)
        assert.deepEqual([head.count, tail.count], [cut, batch.count - cut])
        assert.deepEqual([...names(head), ...names(tail)], names(batch))
      }),
    )
  })

  test('a metric is divided between its data points, and keeps its name on both sides', () => {
    const [head, tail] = metricBatch([resourceMetrics([gauge('a', 2), gauge('b', 3)])]).divide(3)
    const shape = (batch: typeof head) =>
      batch
        .resources()
        .flatMap((one) =>
          one.scopeMetrics.flatMap((two) =>
            two.metrics.map((metric) => [metric.name, metric.data.points.length]),
          ),
        )
    assert.deepEqual(shape(head), [
      ['a', 2],
      ['b', 1],
    ])
    assert.deepEqual(shape(tail), [['b', 2]])
  })

  test('joined batches encode as their encodings in a row', () => {
    const [one, two] = [spans(2, 'one'), spans(3, 'two')]
    const joined = one.join([two])
    assert.equal(joined.count, 5)
    assert.deepEqual(
      Buffer.from(joined.toProtobuf()),
      Buffer.concat([one.toProtobuf(), two.toProtobuf()]),
    )
  })

  test('compact keeps what it says and what it encodes to', () => {
    const batch = spans(2, 'one').join([spans(3, 'two')])
    const before = { resources: batch.resources(), bytes: Buffer.from(batch.toProtobuf()) }
    batch.compact()
    assert.deepEqual(batch.resources(), before.resources)
    assert.deepEqual(Buffer.from(batch.toProtobuf()), before.bytes)
    const [head, tail] = batch.divide(3)
    assert.deepEqual([...names(head), ...names(tail)], names(batch))
    assert.deepEqual([head.count, tail.count], [3, 2])
  })

  test('in pieces it is the same bytes, and what is large and untouched is not copied', () => {
    const requests = [spans(3), spans(200), spans(1), spans(150)].map((one) => {
      const read = scanRequest(tracesCodec, one.toProtobuf(), () => undefined)
      assert(read.kind === 'batch')
      return read.batch
    })
    const [first, ...rest] = requests
    const joined = first?.join([...rest, spans(2)])
    const pieces = joined?.toPieces() ?? []
    assert.deepEqual(Buffer.concat(pieces), Buffer.from(joined?.toProtobuf() ?? []))
    const large = requests[1]?.segments[0]?.body()
    assert(pieces.some((one) => one === large))
    assert.equal(pieces.length, 5)
  })
})
