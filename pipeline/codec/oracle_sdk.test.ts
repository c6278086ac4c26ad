import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ValueType } from '@opentelemetry/api'
import {
  type ISerializer,
  JsonLogsSerializer,
  JsonMetricsSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
} from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { DataPointType, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { fc } from '../../test/support/fast_check.ts'
import { Batch } from '../data/batch.ts'
import { readJsonRequest, type Scanned, scanRequest } from '../data/request.ts'
import { logsCodec, metricsCodec, type SignalCodec } from './signal_codec.ts'

type LogRecords = Parameters<typeof ProtobufLogsSerializer.serializeRequest>[0]

const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 })
const time = fc.tuple(fc.integer({ min: 1, max: 18446744072 }), fc.nat(999999999))
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const double = fc.double({ noInteger: true, noNaN: true, noDefaultInfinity: true })
const hexId = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString('hex'))
const attributes = fc.dictionary(
  name.map((key) => `k${key}`),
  fc.oneof(name, double, fc.boolean(), fc.maxSafeInteger(), fc.array(name)),
  { maxKeys: 4, noNullPrototype: true },
)

const RESOURCE = resourceFromAttributes({ 'service.name': 'shop', n: 1 })
const SCOPE = { name: 'weir', version: '1', schemaUrl: 'https://scope' }

const logRecords = fc.array(
  fc.record({
    hrTime: time,
    hrTimeObserved: time,
    severityNumber: fc.integer({ min: 1, max: 24 }),
    severityText: name,
    eventName: name,
    body: fc.oneof(name, double, fc.maxSafeInteger(), attributes, fc.array(attributes)),
    attributes,
    droppedAttributesCount: fc.integer({ min: 0, max: 0xffffffff }),
    spanContext: fc.record({ traceId: hexId(16), spanId: hexId(8), traceFlags: fc.nat(1) }),
    resource: fc.constant(RESOURCE),
    instrumentationScope: fc.constant(SCOPE),
  }),
  { minLength: 1, maxLength: 4 },
)

const points = <T>(value: fc.Arbitrary<T>) =>
  fc.array(fc.record({ startTime: time, endTime: time, attributes, value }), { maxLength: 3 })

const population = { count, sum: double, min: double, max: double }

const histogram = fc.record({
  ...population,
  buckets: fc.record({ boundaries: fc.array(double), counts: fc.array(count) }),
})

const buckets = fc.record({
  offset: fc.integer({ min: -(2 ** 30), max: 2 ** 30 }),
  bucketCounts: fc.array(count),
})

const exponential = fc.record({
  ...population,
  scale: fc.integer({ min: -10, max: 20 }),
  zeroCount: count,
  positive: buckets,
  negative: buckets,
})

const kinds = [
  [DataPointType.GAUGE, ValueType.DOUBLE, double],
  [DataPointType.GAUGE, ValueType.INT, fc.maxSafeInteger()],
  [DataPointType.SUM, ValueType.DOUBLE, double],
  [DataPointType.SUM, ValueType.INT, fc.maxSafeInteger()],
  [DataPointType.HISTOGRAM, ValueType.DOUBLE, histogram],
  [DataPointType.EXPONENTIAL_HISTOGRAM, ValueType.DOUBLE, exponential],
] as const

const metric = fc.oneof(
  ...kinds.map(([dataPointType, valueType, value]) =>
    fc.record({
      descriptor: fc.record({
        name,
        description: name,
        unit: name,
        valueType: fc.constant(valueType),
      }),
      aggregationTemporality: fc.constantFrom(0, 1),
      dataPointType: fc.constant(dataPointType),
      dataPoints: points<unknown>(value),
      isMonotonic: fc.boolean(),
    }),
  ),
) as fc.Arbitrary<MetricData>

const resourceMetrics: fc.Arbitrary<ResourceMetrics> = fc
  .array(metric, { minLength: 1, maxLength: 4 })
  .map((metrics) => ({ resource: RESOURCE, scopeMetrics: [{ scope: SCOPE, metrics }] }))

function resourcesOf<R>(scanned: Scanned<R>): readonly R[] {
  assert(scanned.kind === 'batch', JSON.stringify(scanned))
  return scanned.batch.resources()
}

/** Numbers as text, since int64 is either; without what has its default. */
function prune(value: unknown): unknown {
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) return value.map(prune)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([key, member]) => [key, prune(member)] as const)
  const isDefault = (key: string, member: unknown) =>
    key === 'isMonotonic'
      ? member === false
      : member === '0' || member === '' || (Array.isArray(member) && member.length === 0)
  return Object.fromEntries(members.filter(([key, member]) => !isDefault(key, member)))
}

function compare<R, T>(
  codec: SignalCodec<R>,
  data: fc.Arbitrary<T>,
  protobuf: ISerializer<T, unknown>,
  json: ISerializer<T, unknown>,
): void {
  const noLoss = (loss: string) => assert.fail(`lost: ${loss}`)
  fc.assert(
    fc.property(data, (one) => {
      const text = Buffer.from(json.serializeRequest(one) ?? [])
      const bytes = new Uint8Array(protobuf.serializeRequest(one) ?? [])
      const fromBytes = resourcesOf(scanRequest(codec, bytes, noLoss))
      assert.deepEqual(fromBytes, resourcesOf(readJsonRequest(codec, text, noLoss)))
      const scanned = scanRequest(codec, bytes, noLoss)
      assert(scanned.kind === 'batch' && scanned.batch instanceof Batch)
      const ours = JSON.parse(scanned.batch.toJson())
      assert.deepEqual(prune(ours), prune(JSON.parse(text.toString())))
    }),
  )
}

describe('what the official encoder writes is read the same from protobuf and JSON, and written so', () => {
  test('metrics', () => {
    compare(metricsCodec, resourceMetrics, ProtobufMetricsSerializer, JsonMetricsSerializer)
  })

  test('logs', () => {
    const records = logRecords as unknown as fc.Arbitrary<LogRecords>
    compare(logsCodec, records, ProtobufLogsSerializer, JsonLogsSerializer)
  })
})
