import { ProtobufWriter } from '../codec/protobuf_writer.ts'
import type { Buckets } from '../data/metrics.ts'

/** Empty buckets up to so many are cheaper as zeros than as the begin of another span. */
const MAX_GAP = 2

/** Wire type of what has a length. */
export const BYTES = 2
export const DOUBLE = 1

/** What all messages of Prometheus are written with, one after the other. */
export const writer = new ProtobufWriter()

export function nested(field: number, write: () => void): void {
  const start = writer.begin((field << 3) | BYTES, 1)
  write()
  writer.end(start, 1)
}

export function writeLabels(labels: Iterable<readonly [name: string, value: string]>): void {
  for (const [name, value] of labels) {
    nested(1, () => {
      writer.string((1 << 3) | BYTES, name)
      writer.string((2 << 3) | BYTES, value)
    })
  }
}

/** Spans of buckets in `field`, and in the next one the difference of each count to the one before. */
export function writeBuckets(field: number, buckets: Buckets): void {
  const { spans, deltas } = spansOf(buckets)
  for (const { offset, length } of spans) {
    nested(field, () => {
      writer.sint32(1 << 3, offset)
      writer.uint32(2 << 3, length)
    })
  }
  for (const delta of deltas) writer.int64((field + 1) << 3, (delta << 1n) ^ (delta >> 63n))
}

/** The first offset is from bucket 0, each further one from the end of the span before. */
export function spansOf({ offset, bucketCounts }: Buckets): {
  spans: { offset: number; length: number }[]
  deltas: bigint[]
} {
  const spans: { offset: number; length: number }[] = []
  const deltas: bigint[] = []
  let before = 0n
  let end = 0
  for (const [i, count] of bucketCounts.entries()) {
    if (BigInt(count) === 0n) continue
    const gap = offset + i - end
    const span = spans.at(-1)
    const isNew = span === undefined || gap > MAX_GAP
    if (isNew) spans.push({ offset: gap, length: 1 })
    else {
      span.length += gap + 1
      for (let empty = 0; empty < gap; empty++) {
        deltas.push(-before)
        before = 0n
      }
    }
    deltas.push(BigInt(count) - before)
    before = BigInt(count)
    end = offset + i + 1
  }
  return { spans, deltas }
}
