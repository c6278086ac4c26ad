import { xxh32 } from './xxh32.ts'

/** Source: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md */

const MAGIC = 0x184d2204
const SKIPPABLE_MAGIC = 0x184d2a50 // and the 15 after it
const BLOCK_BYTES = 65_536
/** Version 1, independent blocks, checksum of the content. */
const FLAGS = 0x64
const MAX_64_KIB = 0x40
const PLAIN_BLOCK = 0x80000000
const HASH_BITS = 14
const MIN_MATCH = 4
const LAST_LITERALS = 5 // the format ends each block with at least these
const NO_MATCH_BEFORE_END = 12

const corrupt = (why: string): Error => new Error(`lz4: ${why}`)

/** There is less than was announced. */
class CutError extends Error {}

const cut = (what: string): Error => new CutError(`lz4: ${what} is cut`)

/** Reads the frames of a stream; `tooLarge` is thrown for what would become larger than allowed. */
export function unlz4(bytes: Uint8Array, maxBytes: number, tooLarge: () => Error): Buffer {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const output = new Output(maxBytes, tooLarge)
  for (let at = 0; at < input.length; ) {
    if (at + 8 > input.length) throw cut('frame')
    const magic = input.readUInt32LE(at)
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) at += 8 + input.readUInt32LE(at + 4)
    else if (magic === MAGIC) at = readFrame(input, at + 4, output)
    else throw corrupt('no frame')
  }
  return output.bytes()
}

/** What the front of a frame holds; `tooLarge` is thrown for more than allowed, another error if it makes no sense. */
export function lz4Front(bytes: Buffer, maxBytes: number, tooLarge: () => Error): Buffer {
  if (bytes.length < 4 || bytes.readUInt32LE(0) !== MAGIC) throw corrupt('no frame')
  const output = new Output(maxBytes, tooLarge)
  try {
    readFrame(bytes, 4, output)
  } catch (error) {
    if (!(error instanceof CutError)) throw error
  }
  return output.bytes()
}

/** Grows by doubling up to its bound, so that a claim costs nothing. */
class Output {
  readonly #max: number
  readonly #tooLarge: () => Error
  buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES)
  length = 0

  constructor(max: number, tooLarge: () => Error) {
    this.#max = max
    this.#tooLarge = tooLarge
  }

  reserve(more: number): void {
    const need = this.length + more
    if (need > this.#max) throw this.#tooLarge()
    if (need <= this.buffer.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(need, this.buffer.length * 2))
    this.buffer.copy(grown, 0, 0, this.length)
    this.buffer = grown
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.buffer.set(bytes, this.length)
    this.length += bytes.length
  }

  /** Repeats what lies `offset` back; not before `first`. */
  repeat(offset: number, length: number, first: number): void {
    if (offset === 0 || this.length - offset < first) throw corrupt('match out of range')
    this.reserve(length)
    const from = this.length - offset
    if (offset >= length) this.buffer.copyWithin(this.length, from, from + length)
    else for (let i = 0; i < length; i++) this.buffer[this.length + i] = this.buffer[from + i] ?? 0
    this.length += length
  }

  bytes(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.length))
  }
}

/** From after the magic number; gives where the next frame begins. */
function readFrame(input: Buffer, start: number, output: Output): number {
  const flags = input[start] ?? 0
  if (flags >>> 6 !== 1) throw corrupt(`version ${flags >>> 6}`)
  const has = (bit: number) => (flags & bit) !== 0
  const independent = has(0x20)
  if (has(0x01)) throw corrupt('dictionaries are not supported')
  const first = output.length
  let at = start + 2 + (has(0x08) ? 8 : 0)
  const check = (xxh32(input.subarray(start, at)) >>> 8) & 0xff
  if (input[at] !== check) throw corrupt('wrong checksum of the header')
  at += 1
  for (;;) {
    if (at + 4 > input.length) throw cut('frame')
    const word = input.readUInt32LE(at)
    at += 4
    if (word === 0) break
    const size = word & 0x7fffffff
    const block = input.subarray(at, at + size)
    if ((word & PLAIN_BLOCK) !== 0) output.append(block)
    else readBlock(block, output, independent ? output.length : first)
    if (block.length < size) throw cut('block')
    at += size + (has(0x10) ? 4 : 0)
  }
  if (!has(0x04)) return at
  if (at + 4 > input.length) throw cut('frame')
  const content = output.buffer.subarray(first, output.length)
  if (input.readUInt32LE(at) !== xxh32(content)) throw corrupt('wrong checksum of the content')
  return at + 4
}

function readBlock(block: Buffer, output: Output, first: number): void {
  let at = 0
  const more = (nibble: number): number => {
    let length = nibble
    if (nibble < 15) return length
    for (;;) {
      const byte = block[at++]
      if (byte === undefined) throw cut('length')
      length += byte
      if (byte < 255) return length
    }
  }
  while (at < block.length) {
    const token = block[at++] ?? 0
    const literals = more(token >>> 4)
    output.append(block.subarray(at, at + literals))
    at += literals
    if (at > block.length) throw cut('literal')
    if (at === block.length) return
    if (at + 2 > block.length) throw cut('offset')
    const offset = block.readUInt16LE(at)
    at += 2
    output.repeat(offset, more(token & 15) + MIN_MATCH, first)
  }
}

/** One frame of independent blocks of 64 KiB. */
export function lz4(bytes: Uint8Array): Buffer {
  const header = Buffer.from([0, 0, 0, 0, FLAGS, MAX_64_KIB, 0])
  header.writeUInt32LE(MAGIC, 0)
  header[6] = (xxh32(header.subarray(4, 6)) >>> 8) & 0xff
  const parts: Buffer[] = [header]
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const plain = bytes.subarray(at, at + BLOCK_BYTES)
    const body = lz4Block(plain)
    const smaller = body.length < plain.length
    const size = Buffer.alloc(4)
    size.writeUInt32LE((smaller ? body.length : plain.length | PLAIN_BLOCK) >>> 0)
    parts.push(size, smaller ? body : Buffer.from(plain))
  }
  const end = Buffer.alloc(8)
  end.writeUInt32LE(xxh32(bytes), 4)
  return Buffer.concat([...parts, end])
}

const table = new Uint16Array(1 << HASH_BITS)

function lz4Block(bytes: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(bytes.length + Math.ceil(bytes.length / 255) + 16)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const last = bytes.length - NO_MATCH_BEFORE_END
  table.fill(0)
  let to = 0
  let literal = 0
  let misses = 64
  for (let at = 1; at <= last; ) {
    const word = view.getUint32(at, true)
    const hash = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS)
    const candidate = table[hash] ?? 0
    table[hash] = at
    if (candidate >= at || view.getUint32(candidate, true) !== word) {
      at += misses++ >>> 6
      continue
    }
    misses = 64
    const limit = bytes.length - LAST_LITERALS
    let end = at + MIN_MATCH
    for (let i = candidate + MIN_MATCH; end < limit && bytes[end] === bytes[i]; i++) end++
    to = writeSequence(out, to, bytes.subarray(literal, at), at - candidate, end - at)
    at = end
    literal = end
  }
  return out.subarray(0, writeSequence(out, to, bytes.subarray(literal), 0, 0))
}

/** Literals and a match; without offset it is the last one of the block. */
function writeSequence(
  out: Buffer,
  start: number,
  literals: Uint8Array,
  offset: number,
  match: number,
): number {
  const rest = Math.max(0, match - MIN_MATCH)
  let at = start
  out[at++] = (Math.min(literals.length, 15) << 4) | Math.min(rest, 15)
  at = writeMore(out, at, literals.length)
  out.set(literals, at)
  at += literals.length
  if (offset === 0) return at
  at = out.writeUInt16LE(offset, at)
  return writeMore(out, at, rest)
}

function writeMore(out: Buffer, start: number, length: number): number {
  if (length < 15) return start
  let at = start
  let left = length - 15
  for (; left >= 255; left -= 255) out[at++] = 255
  out[at++] = left
  return at
}
