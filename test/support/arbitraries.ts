import type { AnyValue, Attribute } from '../../pipeline/data/attributes.ts'
import type { ResourceLogs } from '../../pipeline/data/logs.ts'
import type {
  Exemplar,
  Integer,
  MetricData,
  NumberValue,
  ResourceMetrics,
} from '../../pipeline/data/metrics.ts'
import type { Resource, Scope } from '../../pipeline/data/resource.ts'
import type { UnixTime } from '../../pipeline/data/time.ts'
import type { ResourceSpans } from '../../pipeline/data/traces.ts'
import { fc } from './fast_check.ts'

/** OTLP of every shape, for fast-check: valid data, hostile only in its values. */

const record = <T>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(members, { noNullPrototype: true }) as fc.Arbitrary<T>

const text = fc.string({ unit: 'binary', maxLength: 80 })
const uint32 = fc.integer({ min: 0, max: 0xffffffff })
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const few = <T>(one: fc.Arbitrary<T>) => fc.array(one, { maxLength: 3 })

/** The codec gives a number where that is exact. */
const narrow = (value: bigint): Integer =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(narrow)
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(narrow)

const id = (bytes: number) =>
  fc.oneof(
    fc.constant(''),
    fc
      .uint8Array({ minLength: bytes, maxLength: bytes })
      .map((raw) => Buffer.from(raw).toString('hex')),
  )

/** All that a fixed64 of nanoseconds can say. */
const time: fc.Arbitrary<UnixTime> = fc
  .bigInt({ min: 0n, max: 2n ** 64n - 1n })
  .map((ns) => [Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n)])

const { value: anyValue } = fc.letrec<{ value: AnyValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    text.map((value): AnyValue => ({ kind: 'string', value })),
    int64.map((value): AnyValue => ({ kind: 'int', value })),
    fc.boolean().map((value): AnyValue => ({ kind: 'bool', value })),
    fc.double().map((value): AnyValue => ({ kind: 'double', value })),
    fc.uint8Array({ maxLength: 20 }).map((value): AnyValue => ({ kind: 'bytes', value })),
    fc.constant<AnyValue>({ kind: 'empty' }),
    few(tie('value')).map((value): AnyValue => ({ kind: 'array', value })),
    few(record({ key: text, value: tie('value') })).map(
      (value): AnyValue => ({
        kind: 'kvlist',
        value,
      }),
    ),
  ),
}))

const attributes = few(record<Attribute>({ key: text, value: anyValue }))

const entityRef = record({
  schemaUrl: text,
  type: text,
  idKeys: few(text),
  descriptionKeys: few(text),
})

const resource: fc.Arbitrary<Resource> = record({
  attributes,
  droppedAttributesCount: uint32,
  entityRefs: few(entityRef),
}).map(({ entityRefs, ...rest }) => (entityRefs.length === 0 ? rest : { ...rest, entityRefs }))

const scope: fc.Arbitrary<Scope> = record({
  name: text,
  version: text,
  attributes,
  droppedAttributesCount: uint32,
})

const span = record({
  traceId: id(16),
  spanId: id(8),
  parentSpanId: id(8),
  traceState: text,
  flags: uint32,
  name: text,
  kind: int32,
  start: time,
  end: time,
  attributes,
  droppedAttributesCount: uint32,
  events: few(record({ time, name: text, attributes, droppedAttributesCount: uint32 })),
  droppedEventsCount: uint32,
  links: few(
    record({
      traceId: id(16),
      spanId: id(8),
      traceState: text,
      attributes,
      droppedAttributesCount: uint32,
      flags: uint32,
    }),
  ),
  droppedLinksCount: uint32,
  status: record({ code: int32, message: text }),
})

export const anyResourceSpans: fc.Arbitrary<ResourceSpans> = record({
  resource,
  scopeSpans: few(record({ scope, spans: few(span), schemaUrl: text })),
  schemaUrl: text,
})

const logRecord = record({
  time,
  observedTime: time,
  severityNumber: int32,
  severityText: text,
  body: anyValue,
  attributes,
  droppedAttributesCount: uint32,
  flags: uint32,
  traceId: id(16),
  spanId: id(8),
  eventName: text,
})

export const anyResourceLogs: fc.Arbitrary<ResourceLogs> = record({
  resource,
  scopeLogs: few(record({ scope, logRecords: few(logRecord), schemaUrl: text })),
  schemaUrl: text,
})

const number: fc.Arbitrary<NumberValue> = fc.oneof(
  int64.map((value): NumberValue => ({ kind: 'int', value })),
  fc.double().map((value): NumberValue => ({ kind: 'double', value })),
  fc.constant<NumberValue>({ kind: 'none' }),
)
const exemplar: fc.Arbitrary<Exemplar> = record({
  filteredAttributes: attributes,
  time,
  value: number,
  spanId: id(8),
  traceId: id(16),
})
const maybe = fc.option(fc.double(), { nil: undefined })
const point = { attributes, start: time, time, flags: uint32 }
const population = {
  count: uint64,
  sum: maybe,
  min: maybe,
  max: maybe,
  exemplars: few(exemplar),
}
const buckets = fc.option(record({ offset: int32, bucketCounts: few(uint64) }), {
  nil: undefined,
})
const numberPoints = few(record({ ...point, value: number, exemplars: few(exemplar) }))

const data: fc.Arbitrary<MetricData> = fc.oneof(
  record({ kind: fc.constant('gauge' as const), points: numberPoints }),
  record({
    kind: fc.constant('sum' as const),
    points: numberPoints,
    temporality: int32,
    monotonic: fc.boolean(),
  }),
  record({
    kind: fc.constant('histogram' as const),
    points: few(
      record({
        ...point,
        ...population,
        bucketCounts: few(uint64),
        explicitBounds: few(fc.double()),
      }),
    ),
    temporality: int32,
  }),
  record({
    kind: fc.constant('exponential_histogram' as const),
    points: few(
      record({
        ...point,
        ...population,
        scale: int32,
        zeroCount: uint64,
        zeroThreshold: fc.double(),
        positive: buckets,
        negative: buckets,
      }),
    ),
    temporality: int32,
  }),
  record({
    kind: fc.constant('summary' as const),
    points: few(
      record({
        ...point,
        count: uint64,
        sum: fc.double(),
        quantiles: few(record({ quantile: fc.double(), value: fc.double() })),
      }),
    ),
  }),
  fc.constant<MetricData>({ kind: 'empty', points: [] }),
)

export const anyResourceMetrics: fc.Arbitrary<ResourceMetrics> = record({
  resource,
  scopeMetrics: few(
    record({
      scope,
      metrics: few(
        record({ name: text, description: text, unit: text, metadata: attributes, data }),
      ),
      schemaUrl: text,
    }),
  ),
  schemaUrl: text,
})
