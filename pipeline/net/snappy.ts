import { crc32c } from './crc32c.ts'

/** Source: https://github.com/google/snappy/blob/main/format_description.txt and framing_format.txt */

const MAX_BLOCK = 65_536 // bytes of one block, so that an offset fits in two bytes
const HASH_BITS = 14
const STREAM_HEADER = Buffer.from('ff060000734e61507059', 'hex')
const CHUNK = { compressed: 0x00, plain: 0x01, firstSkippable: 0x80 } as const

/** `tooLarge` is thrown for what would become larger than allowed; anything else is corrupt. */
export type TooLarge = () => Error

const corrupt = (why: string): Error => new Error(`snappy: ${why}`)

/** Whether it begins as a stream in the framing format does. */
const isFramed = (bytes: Uint8Array): boolean =>
  bytes.length >= STREAM_HEADER.length &&
  STREAM_HEADER.equals(bytes.subarray(0, STREAM_HEADER.length))

/** Takes a block or a framed stream. */
export function unsnappy(bytes: Uint8Array, maxBytes: number, tooLarge: TooLarge): Buffer {
  return isFramed(bytes)
    ? decodeFramed(bytes, maxBytes, tooLarge)
    : decodeBlock(bytes, maxBytes, tooLarge)
}

function readLength(bytes: Uint8Array): { readonly length: number; readonly at: number } {
  let length = 0
  for (let i = 0; i < 5; i++) {
    const byte = bytes[i]
    if (byte === undefined) break
    length += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return { length, at: i + 1 }
  }
  throw corrupt('length is no varint')
}

function decodeBlock(bytes: Uint8Array, maxBytes: number, tooLarge: TooLarge): Buffer {
  const { length, at } = readLength(bytes)
  if (length > maxBytes) throw tooLarge()
  const out = Buffer.allocUnsafeSlow(length)
  const end = expand(bytes, at, out, length)
  if (end !== length) throw corrupt(`${end} bytes instead of ${length}`)
  return out
}

/** The most that one byte can stand for: three say a copy of 64. */
const MAX_RATIO = 22

/** What the front of a block holds, at most `maxBytes` of it; throws if it makes no sense. */
export function snappyFront(bytes: Uint8Array, maxBytes: number): Buffer {
  const { length, at } = readLength(bytes)
  const out = Buffer.allocUnsafeSlow(Math.min(length, maxBytes, bytes.length * MAX_RATIO))
  return out.subarray(0, expand(bytes, at, out, length))
}

/** Follows literals and copies of a block of `whole` bytes from `at` until either buffer ends; gives the bytes written. */
function expand(bytes: Uint8Array, at: number, out: Buffer, whole: number): number {
  let to = 0
  let from = at
  const byte = () => bytes[from++] ?? 0
  while (from < bytes.length) {
    const tag = byte()
    const kind = tag & 3
    if (kind === 0) {
      let length = (tag >>> 2) + 1
      if (length > 60) {
        const extra = length - 60
        length = 1
        for (let i = 0; i < extra; i++) length += byte() * 2 ** (8 * i)
      }
      if (to + length > whole) throw corrupt('literal too long')
      const room = Math.max(0, Math.min(length, bytes.length - from, out.length - to))
      out.set(bytes.subarray(from, from + room), to)
      from += room
      to += room
      if (room < length) return to
      continue
    }
    const length = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
    let offset = kind === 1 ? ((tag >>> 5) << 8) + byte() : byte() + (byte() << 8)
    if (kind === 3) offset += byte() * 2 ** 16 + byte() * 2 ** 24
    if (from > bytes.length) return to
    if (offset === 0 || offset > to || to + length > whole) throw corrupt('copy out of range')
    if (to + length > out.length) return to
    copyWithin(out, to, offset, length)
    to += length
  }
  return to
}

/** A copy may reach into what it writes: then it repeats. */
function copyWithin(out: Buffer, to: number, offset: number, length: number): void {
  if (offset >= length) out.copyWithin(to, to - offset, to - offset + length)
  else for (let i = to; i < to + length; i++) out[i] = out[i - offset] ?? 0
}

function decodeFramed(bytes: Uint8Array, maxBytes: number, tooLarge: TooLarge): Buffer {
  const parts: Buffer[] = []
  let length = 0
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) throw corrupt('chunk header is cut')
    const type = bytes[at] ?? 0
    const size = (bytes[at + 1] ?? 0) | ((bytes[at + 2] ?? 0) << 8) | ((bytes[at + 3] ?? 0) << 16)
    const body = bytes.subarray(at + 4, at + 4 + size)
    if (body.length < size) throw corrupt('chunk is cut')
    at += 4 + size
    if (type === CHUNK.compressed || type === CHUNK.plain) {
      const part = decodeChunk(type, body, maxBytes - length, tooLarge)
      length += part.length
      parts.push(part)
    } else if (type < CHUNK.firstSkippable) throw corrupt(`chunk of unknown type ${type}`)
  }
  return Buffer.concat(parts, length)
}

function decodeChunk(type: number, body: Uint8Array, left: number, tooLarge: TooLarge): Buffer {
  if (body.length < 4) throw corrupt('chunk without checksum')
  const data = body.subarray(4)
  if (type === CHUNK.plain && data.length > left) throw tooLarge()
  const part = type === CHUNK.plain ? Buffer.from(data) : decodeBlock(data, left, tooLarge)
  if (masked(part) !== Buffer.from(body.buffer, body.byteOffset, 4).readUInt32LE(0)) {
    throw corrupt('wrong checksum')
  }
  return part
}

const masked = (bytes: Uint8Array): number => {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

/** One block, without frame: what Content-Encoding: snappy means. */
export function snappyBlock(bytes: Uint8Array): Buffer {
  const out = Buffer.allocUnsafeSlow(maxCompressed(bytes.length))
  let to = writeLength(out, bytes.length)
  for (let at = 0; at < bytes.length; at += MAX_BLOCK) {
    to = compressBlock(bytes.subarray(at, at + MAX_BLOCK), out, to)
  }
  return out.subarray(0, to)
}

/** A framed stream: what gRPC calls snappy. */
export function snappyFramed(bytes: Uint8Array): Buffer {
  const parts: Buffer[] = [STREAM_HEADER]
  for (let at = 0; at < bytes.length; at += MAX_BLOCK) {
    const plain = bytes.subarray(at, at + MAX_BLOCK)
    const body = snappyBlock(plain)
    const head = Buffer.alloc(8)
    const smaller = body.length < plain.length
    const data = smaller ? body : plain
    head[0] = smaller ? CHUNK.compressed : CHUNK.plain
    head.writeUIntLE(data.length + 4, 1, 3)
    head.writeUInt32LE(masked(plain), 4)
    parts.push(head, Buffer.from(data.buffer, data.byteOffset, data.length))
  }
  return Buffer.concat(parts)
}

const maxCompressed = (bytes: number): number => 32 + bytes + Math.ceil(bytes / 6)

function writeLength(out: Buffer, length: number): number {
  let at = 0
  for (let left = length; ; left = Math.floor(left / 128)) {
    out[at++] = left < 128 ? left : (left % 128) | 0x80
    if (left < 128) return at
  }
}

const table = new Uint16Array(1 << HASH_BITS)

/** Greedy, as the reference does it: looks faster ahead the longer nothing is found. */
function compressBlock(bytes: Uint8Array, out: Buffer, start: number): number {
  table.fill(0)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const last = bytes.length - 4
  let to = start
  let literal = 0
  let misses = 32
  for (let at = 1; at <= last; ) {
    const word = view.getUint32(at, true)
    const hash = Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS)
    const candidate = table[hash] ?? 0
    table[hash] = at
    if (candidate >= at || view.getUint32(candidate, true) !== word) {
      at += misses++ >>> 5
      continue
    }
    misses = 32
    to = writeLiteral(bytes, literal, at, out, to)
    let end = at + 4
    for (let i = candidate + 4; end < bytes.length && bytes[end] === bytes[i]; i++) end++
    to = writeCopy(out, to, at - candidate, end - at)
    at = end
    literal = end
  }
  return writeLiteral(bytes, literal, bytes.length, out, to)
}

function writeLiteral(bytes: Uint8Array, from: number, end: number, out: Buffer, at: number) {
  const length = end - from
  if (length === 0) return at
  let to = at
  if (length <= 60) out[to++] = (length - 1) << 2
  else if (length <= 256) {
    out[to++] = 60 << 2
    out[to++] = length - 1
  } else {
    out[to++] = 61 << 2
    to = out.writeUInt16LE(length - 1, to)
  }
  out.set(bytes.subarray(from, end), to)
  return to + length
}

function writeCopy(out: Buffer, at: number, offset: number, length: number): number {
  let to = at
  let left = length
  while (left > 0) {
    // A rest below 4 would need the form that costs as much as this one.
    const part = Math.min(left, 64)
    out[to++] = ((part - 1) << 2) | 2
    to = out.writeUInt16LE(offset, to)
    left -= part
  }
  return to
}
