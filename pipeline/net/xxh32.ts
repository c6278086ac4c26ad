const P1 = 0x9e3779b1
const P2 = 0x85ebca77
const P3 = 0xc2b2ae3d
const P4 = 0x27d4eb2f
const P5 = 0x165667b1

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by))

const round = (lane: number, word: number): number =>
  Math.imul(rotate((lane + Math.imul(word, P2)) | 0, 13), P1)

/** xxHash of 32 bits with seed 0, as LZ4 frames use it. Source: https://github.com/Cyan4973/xxHash doc/xxhash_spec.md */
export function xxh32(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const stripes = bytes.length & ~15
  let hash = stripes === 0 ? P5 : lanes(view, stripes)
  hash = (hash + bytes.length) | 0
  let at = stripes
  for (; at + 4 <= bytes.length; at += 4) {
    hash = Math.imul(rotate((hash + Math.imul(view.getUint32(at, true), P3)) | 0, 17), P4)
  }
  for (; at < bytes.length; at++) {
    hash = Math.imul(rotate((hash + Math.imul(bytes[at] ?? 0, P5)) | 0, 11), P1)
  }
  return avalanche(hash)
}

function lanes(view: DataView, end: number): number {
  let [a, b, c, d] = [(P1 + P2) | 0, P2 | 0, 0, -P1 | 0]
  for (let at = 0; at < end; at += 16) {
    a = round(a, view.getUint32(at, true))
    b = round(b, view.getUint32(at + 4, true))
    c = round(c, view.getUint32(at + 8, true))
    d = round(d, view.getUint32(at + 12, true))
  }
  return (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0
}

function avalanche(value: number): number {
  let hash = Math.imul(value ^ (value >>> 15), P2)
  hash = Math.imul(hash ^ (hash >>> 13), P3)
  return (hash ^ (hash >>> 16)) >>> 0
}
