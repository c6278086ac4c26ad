import { randomFillSync } from 'node:crypto'

/** Random bytes are drawn, and written as hex, this many at a time: one call for some 340 spans. */
const POOL_BYTES = 8192
const TRACE_ID_CHARS = 32
const SPAN_ID_CHARS = 16

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
export const newTraceId = (): string => take(TRACE_ID_CHARS)

/** 16 random hex digits, not all zero. */
export const newSpanId = (): string => take(SPAN_ID_CHARS)
