import { ProtobufReader } from './protobuf_reader.ts'
import { scan } from './scan.ts'
import { CONTAINERS, codeOf, ITEM, MESSAGE_SHIFT } from './shapes.ts'

/**
 * Divides the body of a message after `count` of its items. What is not an item, as the resource, is in both
 * parts; unknown fields too. `body` has passed the scan.
 */
export function divideBytes(
  body: Uint8Array,
  message: number,
  count: number,
): readonly [head: Uint8Array, tail: Uint8Array] {
  const head: Uint8Array[] = []
  const tail: Uint8Array[] = []
  let left = count
  const r = new ProtobufReader(body)
  for (let start = 0; !r.atEnd; start = r.position) {
    const tag = r.tag()
    const tagBytes = body.subarray(start, r.position)
    const code = codeOf(message, tag)
    const inner = code >>> MESSAGE_SHIFT
    const isItem = (code & ITEM) !== 0
    if (!isItem && !CONTAINERS.has(inner)) {
      r.skip(tag, 0)
      const field = body.subarray(start, r.position)
      head.push(field)
      tail.push(field)
      continue
    }
    const length = r.length()
    const from = r.position
    r.advance(length)
    const field = body.subarray(start, r.position)
    const items = isItem ? 1 : scan(body, from, r.position, inner)
    if (left === 0) tail.push(field)
    else if (items <= left) head.push(field)
    else {
      const [first, second] = divideBytes(body.subarray(from, r.position), inner, left)
      head.push(tagBytes, lengthBytes(first.length), first)
      tail.push(tagBytes, lengthBytes(second.length), second)
    }
    left = Math.max(0, left - items)
  }
  return [Buffer.concat(head), Buffer.concat(tail)]
}

/** A length as a varint. */
function lengthBytes(length: number): Uint8Array {
  const bytes: number[] = []
  let rest = length
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  return Uint8Array.of(...bytes, rest)
}
