import { randomFillSync } from 'node:crypto'
import type { ProtobufWriter } from '../../../pipeline/codec/protobuf_writer.ts'

/** Random bytes are drawn, and written as hex, this many at a time: one call for some 340 spans. */
const POOL_BYTES = 8192
export const TRACE_ID_BYTES = 16
export const SPAN_ID_BYTES = 8

const pool = Buffer.alloc(POOL_BYTES)
let hex = ''
let used = 0

const isZero = /^0+$/

function take(chars: number): string {
  for (;;) {
    if (used + chars > hex.length) {
      hex = randomFillSync(pool).toString('hex')
      used = 0
    }
    const id = hex.slice(used, used + chars)
    used += chars
    if (id.charCodeAt(0) !== 0x30 || !isZero.test(id)) return id
  }
}

/** 32 random hex digits, not all zero. */
export const newTraceId = (): string => take(2 * TRACE_ID_BYTES)

/** 16 random hex digits, not all zero. */
export const newSpanId = (): string => take(2 * SPAN_ID_BYTES)

const bytes = Buffer.alloc(POOL_BYTES)
let usedBytes = POOL_BYTES

/** A field of `length` random bytes, not all zero: TRACE_ID_BYTES or SPAN_ID_BYTES. */
export function writeId(to: ProtobufWriter, tag: number, length: number): void {
  let from: number
  do {
    if (usedBytes + length > POOL_BYTES) {
      randomFillSync(bytes)
      usedBytes = 0
    }
    from = usedBytes
    usedBytes += length
  } while (isAllZero(from, usedBytes))
  to.slice(tag, bytes, from, usedBytes)
}

function isAllZero(from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0) return false
  return true
}
