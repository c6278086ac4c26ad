import type {
  Buckets,
  Exemplar,
  ExponentialHistogramPoint,
  HistogramPoint,
  Integer,
  Metric,
  MetricData,
  NumberPoint,
  NumberValue,
  Quantile,
  ResourceMetrics,
  ScopeMetrics,
  SummaryPoint,
} from '../data/metrics.ts'
import { count, encodeAttributes, hex, text, time } from './encode_common.ts'
import type { ProtobufWriter } from './protobuf_writer.ts'
import { encodeResourceItems, encodeScopeItems } from './resource_items.ts'
import { fixed64, len, varint } from './wire.ts'

const DATA = {
  gauge: len(5),
  sum: len(7),
  histogram: len(9),
  exponential_histogram: len(10),
  summary: len(11),
}
const POINTS = len(1)
const TEMPORALITY = varint(2)

/** Writes one ResourceMetrics as field 1 of a request. Source: opentelemetry/proto/metrics/v1/metrics.proto */
export function encodeResourceMetrics(w: ProtobufWriter, data: ResourceMetrics): void {
  encodeResourceItems(w, data, data.scopeMetrics, encodeScopeMetrics)
}

function encodeScopeMetrics(w: ProtobufWriter, data: ScopeMetrics): void {
  encodeScopeItems(w, data, data.metrics, encodeMetric)
}

function encodeMetric(w: ProtobufWriter, metric: Metric): void {
  const start = w.begin(len(2), 2)
  text(w, len(1), metric.name)
  text(w, len(2), metric.description)
  text(w, len(3), metric.unit)
  encodeData(w, metric.data)
  encodeAttributes(w, len(12), metric.metadata)
  w.end(start, 2)
}

function encodeData(w: ProtobufWriter, data: MetricData): void {
  if (data.kind === 'empty') return
  const start = w.begin(DATA[data.kind], 2)
  switch (data.kind) {
    case 'gauge':
      encodeEach(w, data.points, encodeNumberPoint)
      break
    case 'sum':
      encodeEach(w, data.points, encodeNumberPoint)
      encodeTemporality(w, data.temporality)
      if (data.monotonic) w.bool(varint(3), true)
      break
    case 'histogram':
      encodeEach(w, data.points, encodeHistogramPoint)
      encodeTemporality(w, data.temporality)
      break
    case 'exponential_histogram':
      encodeEach(w, data.points, encodeExponentialPoint)
      encodeTemporality(w, data.temporality)
      break
    case 'summary':
      encodeEach(w, data.points, encodeSummaryPoint)
      break
  }
  w.end(start, 2)
}

function encodeEach<P>(
  w: ProtobufWriter,
  points: readonly P[],
  encode: (w: ProtobufWriter, point: P) => void,
): void {
  for (const point of points) {
    const start = w.begin(POINTS, 2)
    encode(w, point)
    w.end(start, 2)
  }
}

function encodeTemporality(w: ProtobufWriter, temporality: number): void {
  if (temporality !== 0) w.int32(TEMPORALITY, temporality)
}

function encodeNumberPoint(w: ProtobufWriter, point: NumberPoint): void {
  time(w, fixed64(2), point.start)
  time(w, fixed64(3), point.time)
  encodeNumber(w, fixed64(4), fixed64(6), point.value)
  encodeExemplars(w, len(5), point.exemplars)
  encodeAttributes(w, len(7), point.attributes)
  count(w, varint(8), point.flags)
}

function encodeHistogramPoint(w: ProtobufWriter, point: HistogramPoint): void {
  time(w, fixed64(2), point.start)
  time(w, fixed64(3), point.time)
  integer(w, fixed64(4), point.count)
  optional(w, fixed64(5), point.sum)
  if (point.bucketCounts.length > 0) w.packedFixed64(len(6), point.bucketCounts)
  if (point.explicitBounds.length > 0) w.packedDoubles(len(7), point.explicitBounds)
  encodeExemplars(w, len(8), point.exemplars)
  encodeAttributes(w, len(9), point.attributes)
  count(w, varint(10), point.flags)
  optional(w, fixed64(11), point.min)
  optional(w, fixed64(12), point.max)
}

function encodeExponentialPoint(w: ProtobufWriter, point: ExponentialHistogramPoint): void {
  encodeAttributes(w, len(1), point.attributes)
  time(w, fixed64(2), point.start)
  time(w, fixed64(3), point.time)
  integer(w, fixed64(4), point.count)
  optional(w, fixed64(5), point.sum)
  if (point.scale !== 0) w.sint32(varint(6), point.scale)
  integer(w, fixed64(7), point.zeroCount)
  encodeBuckets(w, len(8), point.positive)
  encodeBuckets(w, len(9), point.negative)
  count(w, varint(10), point.flags)
  encodeExemplars(w, len(11), point.exemplars)
  optional(w, fixed64(12), point.min)
  optional(w, fixed64(13), point.max)
  double(w, fixed64(14), point.zeroThreshold)
}

function encodeBuckets(w: ProtobufWriter, tag: number, buckets: Buckets | undefined): void {
  if (buckets === undefined) return
  const start = w.begin(tag, 2)
  if (buckets.offset !== 0) w.sint32(varint(1), buckets.offset)
  if (buckets.bucketCounts.length > 0) w.packedVarints(len(2), buckets.bucketCounts)
  w.end(start, 2)
}

function encodeSummaryPoint(w: ProtobufWriter, point: SummaryPoint): void {
  time(w, fixed64(2), point.start)
  time(w, fixed64(3), point.time)
  integer(w, fixed64(4), point.count)
  double(w, fixed64(5), point.sum)
  for (const quantile of point.quantiles) encodeQuantile(w, len(6), quantile)
  encodeAttributes(w, len(7), point.attributes)
  count(w, varint(8), point.flags)
}

function encodeQuantile(w: ProtobufWriter, tag: number, quantile: Quantile): void {
  const start = w.begin(tag, 1)
  double(w, fixed64(1), quantile.quantile)
  double(w, fixed64(2), quantile.value)
  w.end(start, 1)
}

function encodeExemplars(w: ProtobufWriter, tag: number, exemplars: readonly Exemplar[]): void {
  for (const exemplar of exemplars) {
    const start = w.begin(tag, 1)
    time(w, fixed64(2), exemplar.time)
    encodeNumber(w, fixed64(3), fixed64(6), exemplar.value)
    hex(w, len(4), exemplar.spanId)
    hex(w, len(5), exemplar.traceId)
    encodeAttributes(w, len(7), exemplar.filteredAttributes)
    w.end(start, 1)
  }
}

function encodeNumber(
  w: ProtobufWriter,
  doubleTag: number,
  intTag: number,
  number: NumberValue,
): void {
  if (number.kind === 'double') w.double(doubleTag, number.value)
  else if (number.kind === 'int') w.fixed64(intTag, number.value)
}

function integer(w: ProtobufWriter, tag: number, value: Integer): void {
  if (value !== 0) w.fixed64(tag, value)
}

function optional(w: ProtobufWriter, tag: number, value: number | undefined): void {
  if (value !== undefined) w.double(tag, value)
}

/** Minus zero is not the default. */
function double(w: ProtobufWriter, tag: number, value: number): void {
  if (!Object.is(value, 0)) w.double(tag, value)
}
