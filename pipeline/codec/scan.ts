import {
  BYTES,
  CODES,
  ID_8,
  ID_16,
  ITEM,
  MESSAGE_SHIFT,
  PACKED_8,
  PACKED_VARINTS,
  WIRE_MASK,
} from './shapes.ts'

/** Messages in messages; what lies deeper is passed over as bytes. Decoding stops at 64 AnyValues, which is less. */
const MAX_DEPTH = 256
const ends = new Int32Array(MAX_DEPTH)
const rows = new Int32Array(MAX_DEPTH)

const ENDLESS = 'a varint that does not end'

/** Where a varint ended, and the fault of the last scan. Module state: scans are synchronous and allocate nothing. */
let at = 0
let fault = ''

/** What was wrong with the bytes of the last scan that gave -1. */
export const scanFault = (): string => `${fault} at byte ${at}`

/**
 * Counts the items of one message that lies in `buf` from `start` to `stop`, and checks all of it: lengths,
 * wire types and id sizes, so that whatever decodes it later finds no fault. `message` is one of ROOTS.
 * Gives -1 for hostile bytes; `scanFault` says why. Iterative, and without allocation.
 */
export function scan(buf: Uint8Array, start: number, stop: number, message: number): number {
  let depth = 0
  let pos = start
  let end = stop
  let row = message << 5
  let items = 0
  for (;;) {
    while (pos === end) {
      if (depth === 0) return items
      depth -= 1
      end = ends[depth] as number
      row = rows[depth] as number
    }
    let tag = buf[pos++] as number
    if (tag >= 0x80) {
      tag = varint(buf, pos - 1, end)
      if (at < 0) return fail(end, ENDLESS)
      pos = at
    }
    const field = tag >>> 3
    const code = field < 32 ? (CODES[row | field] as number) : 0
    if ((tag & 7) === 2) {
      let length = pos < end ? (buf[pos++] as number) : 0x80
      if (length >= 0x80) {
        length = varint(buf, pos - 1, end)
        if (at < 0) return fail(end, ENDLESS)
        pos = at
      }
      if (length > end - pos) return fail(pos, `length ${length} goes beyond the message`)
      const inner = code >>> MESSAGE_SHIFT
      if (inner !== 0 && depth < MAX_DEPTH) {
        items += (code & ITEM) >>> 7
        ends[depth] = end
        rows[depth] = row
        depth += 1
        end = pos + length
        row = inner << 5
        continue
      }
      if (code !== 0 && code !== BYTES && inner === 0 && !fits(buf, code, pos, length)) {
        return fail(pos, fault)
      }
      pos += length
    } else {
      const next = passNumber(buf, tag & 7, code, pos, end)
      if (next < 0) return fail(pos, fault)
      pos = next
    }
    if (field === 0) return fail(pos, 'field number 0')
  }
}

/** Where the field after a number begins, or -1 and a fault. */
function passNumber(buf: Uint8Array, wire: number, code: number, pos: number, end: number): number {
  if (code !== 0 && (code & WIRE_MASK) - 1 !== wire) {
    fault = `wire type ${wire} for a field of another`
    return -1
  }
  let next = pos
  if (wire === 0) {
    if (pos < end && (buf[pos] as number) < 0x80) return pos + 1
    varint(buf, pos, end)
    fault = ENDLESS
    return at
  }
  if (wire === 1) next += 8
  else if (wire === 5) next += 4
  else {
    fault = `wire type ${wire}`
    return -1
  }
  if (next <= end) return next
  fault = 'the message ends within a field'
  return -1
}

/** Whether a field of `length` bytes may have them: ids are whole or absent, lists are made of whole values. */
function fits(buf: Uint8Array, code: number, pos: number, length: number): boolean {
  if ((code & (ID_16 | ID_8)) !== 0) {
    const size = (code & ID_16) !== 0 ? 16 : 8
    fault = `an id of ${length} bytes instead of ${size}`
    return length === 0 || length === size
  }
  fault = 'a list that ends within a value'
  if ((code & PACKED_8) !== 0) return length % 8 === 0
  if ((code & PACKED_VARINTS) !== 0) return areVarints(buf, pos, pos + length)
  fault = 'wire type 2 for a field of another'
  return false
}

function areVarints(buf: Uint8Array, start: number, end: number): boolean {
  let bytes = 0
  for (let i = start; i < end; i++) {
    bytes = (buf[i] as number) < 0x80 ? 0 : bytes + 1
    if (bytes === 10) break
  }
  return bytes === 0
}

/** The low 32 bits of the varint at `pos`; its end is in `at`, -1 if it has none. */
function varint(buf: Uint8Array, pos: number, end: number): number {
  let value = 0
  let shift = 0
  for (at = pos; at < end && shift < 70; shift += 7) {
    const byte = buf[at++] as number
    if (shift < 32) value |= (byte & 0x7f) << shift
    if (byte < 0x80) return value >>> 0
  }
  at = -1
  return 0
}

function fail(pos: number, what: string): -1 {
  fault = what
  at = pos
  return -1
}
