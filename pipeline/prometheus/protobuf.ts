import type { UnixTime } from '../data/time.ts'
import type { Family, Histogram, Native, Sample, TextExemplar } from './family.ts'
import { sorted } from './labels.ts'
import { BYTES, DOUBLE, nested, writeBuckets, writeLabels, writer } from './wire.ts'

const TYPES = { counter: 0, gauge: 1, summary: 2, untyped: 3, histogram: 4 } as const
/**
 * Each family as a message after its length; the only form that has native histograms.
 * Source: io/prometheus/client/metrics.proto of https://github.com/prometheus/client_model
 */
export function expositionProtobuf(
  families: Iterable<Family>,
  nameOf: (name: string) => string,
): Uint8Array {
  const parts: Uint8Array[] = []
  for (const family of families) {
    writer.reset()
    writer.string((1 << 3) | BYTES, nameOf(family.name))
    writer.string((2 << 3) | BYTES, family.help)
    writer.uint32(3 << 3, TYPES[family.type])
    for (const sample of family.samples) writeSample(family.type, sample, nameOf)
    const body = writer.toBytes()
    parts.push(varint(body.length), body)
  }
  return Buffer.concat(parts)
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Uint8Array.from([...bytes, rest])
}

function writeSample(type: Family['type'], sample: Sample, nameOf: (name: string) => string): void {
  nested(4, () => {
    writeLabels(sorted(sample.labels).map(([name, text]) => [nameOf(name), text]))
    writeValue(type, sample)
    if (sample.timeMs !== undefined) writer.int64(6 << 3, sample.timeMs)
  })
}

function writeValue(type: Family['type'], { value, start }: Sample): void {
  switch (value.kind) {
    case 'number':
      nested(type === 'gauge' ? 2 : type === 'counter' ? 3 : 5, () => {
        writer.double((1 << 3) | DOUBLE, value.value)
        if (type !== 'counter') return
        if (value.exemplar !== undefined) writeExemplar(2, value.exemplar)
        writeTime(3, start)
      })
      return
    case 'summary':
      nested(4, () => {
        writer.int64(1 << 3, value.count)
        writer.double((2 << 3) | DOUBLE, value.sum)
        for (const [quantile, at] of value.quantiles) {
          nested(3, () => {
            writer.double((1 << 3) | DOUBLE, quantile)
            writer.double((2 << 3) | DOUBLE, at)
          })
        }
        writeTime(4, start)
      })
      return
    case 'histogram':
      nested(7, () => writeHistogram(value, start))
  }
}

function writeHistogram({ count, sum, buckets, native }: Histogram, start?: UnixTime): void {
  writer.int64(1 << 3, count)
  writer.double((2 << 3) | DOUBLE, sum)
  for (const bucket of native === undefined ? buckets : []) {
    nested(3, () => {
      writer.int64(1 << 3, bucket.count)
      writer.double((2 << 3) | DOUBLE, bucket.bound)
      if (bucket.exemplar !== undefined) writeExemplar(3, bucket.exemplar)
    })
  }
  if (native !== undefined) writeNative(native)
  writeTime(15, start)
}

function writeNative({ schema, zeroThreshold, zeroCount, positive, negative }: Native): void {
  writer.sint32(5 << 3, schema)
  writer.double((6 << 3) | DOUBLE, zeroThreshold)
  writer.int64(7 << 3, zeroCount)
  writeBuckets(9, negative)
  writeBuckets(12, positive)
}

function writeExemplar(field: number, { labels, value, time }: TextExemplar): void {
  nested(field, () => {
    writeLabels(sorted(labels))
    writer.double((2 << 3) | DOUBLE, value)
    if (time[0] > 0) writeTime(3, time)
  })
}

function writeTime(field: number, time: UnixTime | undefined): void {
  if (time === undefined) return
  nested(field, () => {
    writer.int64(1 << 3, time[0])
    writer.int64(2 << 3, time[1])
  })
}
