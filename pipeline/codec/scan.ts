import {
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
const messages = new Int32Array(MAX_DEPTH)

/** Where the scan is. Module state: it is synchronous and allocates nothing. */
let at = 0
let fault = ''

/** What was wrong with the bytes of the last scan that gave -1. */
export const scanFault = (): string => `${fault} at byte ${at}`

/**
 * Counts the items of one message that lies in `buf` from `start` to `end`, and checks all of it: lengths,
 * wire types and id sizes, so that whatever decodes it later finds no fault. `message` is one of ROOTS.
 * Gives -1 for hostile bytes; `scanFault` says why. Iterative, and without allocation.
 */
export function scan(buf: Uint8Array, start: number, stop: number, message: number): number {
  let depth = 0
  let end = stop
  let current = message
  let items = 0
  at = start
  fault = ''
  for (;;) {
    while (at === end) {
      if (depth === 0) return items
      depth -= 1
      end = ends[depth] as number
      current = messages[depth] as number
    }
    let tag = buf[at++] as number
    if (tag >= 0x80) {
      at -= 1
      tag = varint(buf, end)
      if (at < 0) return failed(end)
    }
    const field = tag >>> 3
    const wire = tag & 7
    const code = field < 32 ? (CODES[(current << 5) | field] as number) : 0
    if (wire === 2) {
      let length = at < end ? (buf[at++] as number) : 0x80
      if (length >= 0x80) {
        at -= 1
        length = varint(buf, end)
        if (at < 0) return failed(end)
      }
      if (length > end - at) return fail(end, `length ${length} goes beyond the message`)
      const inner = code >>> MESSAGE_SHIFT
      if (inner !== 0 && depth < MAX_DEPTH) {
        items += (code & ITEM) >>> 7
        ends[depth] = end
        messages[depth] = current
        depth += 1
        end = at + length
        current = inner
        continue
      }
      if (code !== 0 && !fits(buf, code, length)) return failed(end)
      at += length
    } else {
      if (code !== 0 && (code & WIRE_MASK) - 1 !== wire) {
        return fail(end, `wire type ${wire} for field ${field}`)
      }
      if (wire === 0) {
        if (at < end && (buf[at] as number) < 0x80) at += 1
        else {
          varint(buf, end)
          if (at < 0) return failed(end)
        }
      } else if (wire === 1) at += 8
      else if (wire === 5) at += 4
      else return fail(end, `wire type ${wire}`)
      if (at > end) return fail(end, 'the message ends within a field')
    }
    if (field === 0) return fail(end, 'field number 0')
  }
}

/** Whether a field of `length` bytes may have them: ids are whole or absent, lists are made of whole values. */
function fits(buf: Uint8Array, code: number, length: number): boolean {
  if ((code & ID_16) !== 0 && length !== 0 && length !== 16) {
    fault = `an id of ${length} bytes instead of 16`
  } else if ((code & ID_8) !== 0 && length !== 0 && length !== 8) {
    fault = `an id of ${length} bytes instead of 8`
  } else if ((code & WIRE_MASK) === 3 || ((code & PACKED_8) !== 0 && length % 8 === 0)) {
    return fault === ''
  } else if ((code & PACKED_VARINTS) !== 0) return areVarints(buf, at, at + length)
  else fault = `a length for a number`
  return fault === ''
}

function areVarints(buf: Uint8Array, start: number, end: number): boolean {
  let bytes = 0
  for (let i = start; i < end; i++) {
    bytes = (buf[i] as number) < 0x80 ? 0 : bytes + 1
    if (bytes === 10) break
  }
  if (bytes !== 0) fault = 'a varint that does not end'
  return bytes === 0
}

/** The low 32 bits of a varint; -1 in `at` if it does not end. */
function varint(buf: Uint8Array, end: number): number {
  let value = 0
  for (let shift = 0; shift < 70; shift += 7) {
    if (at >= end) break
    const byte = buf[at++] as number
    if (shift < 32) value |= (byte & 0x7f) << shift
    if (byte < 0x80) return value >>> 0
  }
  fault = 'a varint that does not end'
  at = -1
  return 0
}

function fail(end: number, what: string): -1 {
  fault = what
  return failed(end)
}

function failed(end: number): -1 {
  if (at < 0 || at > end) at = end
  return -1
}
