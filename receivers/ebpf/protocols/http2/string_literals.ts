import { decodeHuffman } from './huffman.ts'

/** A power of two. */
const SLOTS = 1024
/** Longer ones are decoded each time. */
const LONGEST = 48

/** By slot: the octets as sent, 1 where they are in Huffman's code, how many they are, and what they stand for. */
const octets = new Uint8Array(SLOTS * LONGEST)
const forms = new Uint8Array(SLOTS)
const lengths = new Uint8Array(SLOTS)
const texts = new Array<string>(SLOTS).fill('')

/**
 * The octets of a string literal of HPACK, from `start` to `end`, one character each; undefined if Huffman's code has no such string. A
 * server says the same in each answer, and most of what a connection costs is in these strings: those of lately are found by their octets.
 */
export function stringLiteral(
  bytes: Uint8Array,
  start: number,
  end: number,
  isHuffman: boolean,
): string | undefined {
  const length = end - start
  if (length === 0) return ''
  if (length > LONGEST) return decode(bytes, start, end, isHuffman)
  const slot = slotOf(bytes, start, end)
  const form = isHuffman ? 1 : 0
  const at = slot * LONGEST
  if (lengths[slot] === length && forms[slot] === form && isAt(at, bytes, start, length)) {
    return texts[slot]
  }
  const text = decode(bytes, start, end, isHuffman)
  if (text === undefined) return undefined
  for (let i = 0; i < length; i++) octets[at + i] = bytes[start + i] as number
  lengths[slot] = length
  forms[slot] = form
  texts[slot] = text
  return text
}

function decode(
  bytes: Uint8Array,
  start: number,
  end: number,
  isHuffman: boolean,
): string | undefined {
  if (isHuffman) return decodeHuffman(bytes, start, end)
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
}

function isAt(at: number, bytes: Uint8Array, start: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (octets[at + i] !== bytes[start + i]) return false
  return true
}

function slotOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start
  for (let i = start; i < end; i++) hash = Math.imul(hash, 31) + (bytes[i] as number)
  return (hash ^ (hash >>> 12)) & (SLOTS - 1)
}
