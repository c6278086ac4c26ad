import type { Attribute } from '../data/attributes.ts'
import type {
  Buckets,
  Exemplar,
  ExponentialHistogramPoint,
  HistogramPoint,
  Integer,
  NumberPoint,
  NumberValue,
  Quantile,
  SummaryPoint,
} from '../data/metrics.ts'
import type { UnixTime } from '../data/time.ts'
import { decodeAttribute, fields } from './decode_common.ts'
import type { ProtobufReader } from './protobuf_reader.ts'
import { fixed64, len, varint } from './wire.ts'

const NUMBER = fields(2, 3, 4, 5, 6, 7, 8)
const HISTOGRAM = fields(2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
const EXPONENTIAL = fields(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)
const BUCKETS = fields(1, 2)
const SUMMARY = fields(2, 3, 4, 5, 6, 7, 8)
const QUANTILE = fields(1, 2)
const EXEMPLAR = fields(2, 3, 4, 5, 6, 7)

const NO_TIME: UnixTime = [0, 0]
const NO_VALUE: NumberValue = { kind: 'none' }

export function decodeNumberPoint(r: ProtobufReader): NumberPoint {
  const attributes: Attribute[] = []
  const exemplars: Exemplar[] = []
  let start = NO_TIME
  let time = NO_TIME
  let value = NO_VALUE
  let flags = 0
  const outer = r.enter()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === fixed64(2)) start = r.time()
    else if (tag === fixed64(3)) time = r.time()
    else if (tag === fixed64(4)) value = { kind: 'double', value: r.double() }
    else if (tag === len(5)) exemplars.push(decodeExemplar(r))
    else if (tag === fixed64(6)) value = { kind: 'int', value: r.sfixed64() }
    else if (tag === len(7)) decodeAttribute(r, attributes)
    else if (tag === varint(8)) flags = r.uint32()
    else r.skip(tag, NUMBER)
  }
  r.leave(outer)
  return { attributes, start, time, flags, value, exemplars }
}

export function decodeHistogramPoint(r: ProtobufReader): HistogramPoint {
  const attributes: Attribute[] = []
  const exemplars: Exemplar[] = []
  const bucketCounts: Integer[] = []
  const explicitBounds: number[] = []
  let start = NO_TIME
  let time = NO_TIME
  let count: Integer = 0
  let sum: number | undefined
  let min: number | undefined
  let max: number | undefined
  let flags = 0
  const outer = r.enter()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === fixed64(2)) start = r.time()
    else if (tag === fixed64(3)) time = r.time()
    else if (tag === fixed64(4)) count = r.fixed64()
    else if (tag === fixed64(5)) sum = r.double()
    else if (tag === len(6)) packed(r, bucketCounts, () => r.fixed64())
    else if (tag === fixed64(6)) bucketCounts.push(r.fixed64())
    else if (tag === len(7)) packed(r, explicitBounds, () => r.double())
    else if (tag === fixed64(7)) explicitBounds.push(r.double())
    else if (tag === len(8)) exemplars.push(decodeExemplar(r))
    else if (tag === len(9)) decodeAttribute(r, attributes)
    else if (tag === varint(10)) flags = r.uint32()
    else if (tag === fixed64(11)) min = r.double()
    else if (tag === fixed64(12)) max = r.double()
    else r.skip(tag, HISTOGRAM)
  }
  r.leave(outer)
  const population = { count, sum, min, max, exemplars }
  return { attributes, start, time, flags, ...population, bucketCounts, explicitBounds }
}

export function decodeExponentialPoint(r: ProtobufReader): ExponentialHistogramPoint {
  const attributes: Attribute[] = []
  const exemplars: Exemplar[] = []
  let start = NO_TIME
  let time = NO_TIME
  let count: Integer = 0
  let sum: number | undefined
  let min: number | undefined
  let max: number | undefined
  let scale = 0
  let zeroCount: Integer = 0
  let zeroThreshold = 0
  let positive: Buckets | undefined
  let negative: Buckets | undefined
  let flags = 0
  const outer = r.enter()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === len(1)) decodeAttribute(r, attributes)
    else if (tag === fixed64(2)) start = r.time()
    else if (tag === fixed64(3)) time = r.time()
    else if (tag === fixed64(4)) count = r.fixed64()
    else if (tag === fixed64(5)) sum = r.double()
    else if (tag === varint(6)) scale = r.sint32()
    else if (tag === fixed64(7)) zeroCount = r.fixed64()
    else if (tag === len(8)) positive = decodeBuckets(r)
    else if (tag === len(9)) negative = decodeBuckets(r)
    else if (tag === varint(10)) flags = r.uint32()
    else if (tag === len(11)) exemplars.push(decodeExemplar(r))
    else if (tag === fixed64(12)) min = r.double()
    else if (tag === fixed64(13)) max = r.double()
    else if (tag === fixed64(14)) zeroThreshold = r.double()
    else r.skip(tag, EXPONENTIAL)
  }
  r.leave(outer)
  const population = { count, sum, min, max, exemplars }
  const buckets = { scale, zeroCount, zeroThreshold, positive, negative }
  return { attributes, start, time, flags, ...population, ...buckets }
}

function decodeBuckets(r: ProtobufReader): Buckets {
  let offset = 0
  const bucketCounts: Integer[] = []
  const outer = r.enter()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === varint(1)) offset = r.sint32()
    else if (tag === len(2)) packed(r, bucketCounts, () => r.uint64())
    else if (tag === varint(2)) bucketCounts.push(r.uint64())
    else r.skip(tag, BUCKETS)
  }
  r.leave(outer)
  return { offset, bucketCounts }
}

export function decodeSummaryPoint(r: ProtobufReader): SummaryPoint {
  const attributes: Attribute[] = []
  const quantiles: Quantile[] = []
  let start = NO_TIME
  let time = NO_TIME
  let count: Integer = 0
  let sum = 0
  let flags = 0
  const outer = r.enter()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === fixed64(2)) start = r.time()
    else if (tag === fixed64(3)) time = r.time()
    else if (tag === fixed64(4)) count = r.fixed64()
    else if (tag === fixed64(5)) sum = r.double()
    else if (tag === len(6)) quantiles.push(decodeQuantile(r))
    else if (tag === len(7)) decodeAttribute(r, attributes)
    else if (tag === varint(8)) flags = r.uint32()
    else r.skip(tag, SUMMARY)
  }
  r.leave(outer)
  return { attributes, start, time, flags, count, sum, quantiles }
}

function decodeQuantile(r: ProtobufReader): Quantile {
  let quantile = 0
  let value = 0
  const outer = r.enter()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === fixed64(1)) quantile = r.double()
    else if (tag === fixed64(2)) value = r.double()
    else r.skip(tag, QUANTILE)
  }
  r.leave(outer)
  return { quantile, value }
}

function decodeExemplar(r: ProtobufReader): Exemplar {
  const filteredAttributes: Attribute[] = []
  let time = NO_TIME
  let value = NO_VALUE
  let spanId = ''
  let traceId = ''
  const outer = r.enter()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === fixed64(2)) time = r.time()
    else if (tag === fixed64(3)) value = { kind: 'double', value: r.double() }
    else if (tag === len(4)) spanId = r.id(8)
    else if (tag === len(5)) traceId = r.id(16)
    else if (tag === fixed64(6)) value = { kind: 'int', value: r.sfixed64() }
    else if (tag === len(7)) decodeAttribute(r, filteredAttributes)
    else r.skip(tag, EXEMPLAR)
  }
  r.leave(outer)
  return { filteredAttributes, time, value, spanId, traceId }
}

/** A packed list: values one after the other in a field of its own length. */
function packed<T>(r: ProtobufReader, into: T[], next: () => T): void {
  const outer = r.enter()
  while (!r.atEnd) into.push(next())
  r.leave(outer)
}
