import { snappyBlock } from '../../pipeline/net/snappy.ts'
import type { Histogram, Native, TextExemplar } from '../../pipeline/prometheus/family.ts'
import { sorted } from '../../pipeline/prometheus/labels.ts'
import {
  BYTES,
  DOUBLE,
  nested,
  writeBuckets,
  writeLabels,
  writer,
} from '../../pipeline/prometheus/wire.ts'
import { type Metadata, milliseconds, type Recorded, type Series } from './series.ts'

/** The one NaN that ends a series, whose bits a number of JavaScript would lose. */
const STALE = 0x7ff0_0000_0000_0002n

const TYPES = { untyped: 0, counter: 1, gauge: 2, histogram: 3, summary: 5 } as const

/** What one POST says. */
export interface WriteRequest {
  /** Compressed. */
  readonly body: Uint8Array
  readonly points: number
  /** Of version 2.0: what it says, to be said once more in 1.0, and how much that is. */
  readonly v2?: {
    readonly series: readonly Series[]
    readonly samples: number
    readonly histograms: number
  }
}

/**
 * Requests that are no longer than `maxBytes`, unless one series is.
 * Source: https://prometheus.io/docs/specs/prw/remote_write_spec/ and prompb/types.proto of https://github.com/prometheus/prometheus
 */
export function* requestsOf(
  series: Iterable<Series>,
  metadata: Iterable<Metadata>,
  maxBytes: number,
): Generator<WriteRequest> {
  let parts: Uint8Array[] = []
  let bytes = 0
  let points = 0
  for (const part of partsOf(series, metadata)) {
    if (parts.length > 0 && bytes + part.bytes.length > maxBytes) {
      yield { body: snappyBlock(Buffer.concat(parts)), points }
      parts = []
      bytes = 0
      points = 0
    }
    parts.push(part.bytes)
    bytes += part.bytes.length
    points += part.points
  }
  if (parts.length > 0) yield { body: snappyBlock(Buffer.concat(parts)), points }
}

function* partsOf(series: Iterable<Series>, metadata: Iterable<Metadata>) {
  for (const one of series) yield { bytes: written(() => writeSeries(one)), points: one.points }
  for (const one of metadata) yield { bytes: written(() => writeMetadata(one)), points: 0 }
}

export function written(write: () => void): Uint8Array {
  writer.reset()
  write()
  return writer.toBytes()
}

function writeSeries({ labels, samples, exemplars }: Series): void {
  nested(1, () => {
    writeLabels(labels)
    const inOrder = [...samples].sort(([a], [b]) => a - b)
    for (const [timeMs, recorded] of inOrder) writeSample(timeMs, recorded)
    for (const exemplar of exemplars) writeExemplar(exemplar)
  })
}

function writeSample(timeMs: number, { value }: Recorded): void {
  if (typeof value !== 'object') nested(2, () => writeNumber(timeMs, value))
  else if (value.native !== undefined) {
    const { native } = value
    nested(4, () => writeHistogram(timeMs, value, native))
  }
}

/** The same in both versions; so is a histogram. */
export function writeNumber(timeMs: number, value: number | 'stale'): void {
  if (value === 'stale') writer.fixed64((1 << 3) | DOUBLE, STALE)
  else writer.double((1 << 3) | DOUBLE, value)
  writer.int64(2 << 3, timeMs)
}

function writeExemplar({ labels, value, time }: TextExemplar): void {
  nested(3, () => {
    writeLabels(sorted(labels))
    writer.double((2 << 3) | DOUBLE, value)
    writer.int64(3 << 3, milliseconds(time))
  })
}

export function writeHistogram(timeMs: number, { count, sum }: Histogram, native: Native): void {
  writer.int64(1 << 3, count)
  writer.double((3 << 3) | DOUBLE, sum)
  writer.sint32(4 << 3, native.schema)
  writer.double((5 << 3) | DOUBLE, native.zeroThreshold)
  writer.int64(6 << 3, native.zeroCount)
  writeBuckets(8, native.negative)
  writeBuckets(11, native.positive)
  writer.int64(15 << 3, timeMs)
  const { customValues = [] } = native
  if (customValues.length > 0) writer.packedDoubles((16 << 3) | BYTES, customValues)
}

function writeMetadata({ name, type, help, unit }: Metadata): void {
  nested(3, () => {
    writer.uint32(1 << 3, TYPES[type])
    writer.string((2 << 3) | BYTES, name)
    writer.string((4 << 3) | BYTES, help)
    writer.string((5 << 3) | BYTES, unit)
  })
}
