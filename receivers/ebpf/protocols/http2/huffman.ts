/**
 * Bits of each octet's code, and of the end of string behind them: A is 5, Z is 30. The code is canonical, so that lengths say it all.
 * Source: https://www.rfc-editor.org/rfc/rfc7541#appendix-B
 */
const LENGTHS =
  'ISXXXXXXXTZXXZXXXXXXXXZXXXXXXXXXBFFHIBDGFFDGDBBBAAABBBBBBBCDKBHFIBCCCCCCCCCCCCCCCCCCCCCCDCDIOIJBKABABABBBACCBBBABCBAABCCCCCKGJIXPRPPRRRSRSSSSSTSTTRSTSSSSQRSRSSTRQPRRSSQSRRTQRSSQQRQSRSSPRRRSRRSVVPORSRUVVVWWVTUOQVWWVWTQQVVXWWWPTPQRQQSRRUUTTVSVWVVWWWWWXWWWWWVZ'
const LETTER_OF_5 = 0x41
const END_OF_STRING = 256
/** Inner nodes of the tree: one less than it has leaves. */
const NODES = 256

/** By node and next four bits: the node after them, and the octet that they completed, or NO_OCTET, or INVALID. */
const NEXT = new Uint8Array(NODES * 16)
const OCTETS = new Int16Array(NODES * 16)
const NO_OCTET = -1
const INVALID = -2
/** 1 where a string may end: behind less than 8 bits, all of them 1. */
const MAY_END = new Uint8Array(NODES)

const codes = () =>
  Array.from(LENGTHS, (letter, octet) => [letter.charCodeAt(0) - LETTER_OF_5 + 5, octet] as const)
    .sort(([aBits, a], [bBits, b]) => aBits - bBits || a - b)
    .values()

/** Children of each node: a node above 0, or a leaf as ~octet. */
function buildTree(): Int16Array {
  const children = new Int16Array(NODES * 2)
  let used = 1
  let code = 0
  let bitsBefore = 0
  for (const [bits, octet] of codes()) {
    code <<= bits - bitsBefore
    bitsBefore = bits
    let node = 0
    for (let bit = bits - 1; bit > 0; bit--) {
      const at = node * 2 + ((code >> bit) & 1)
      if (children[at] === 0) children[at] = used++
      node = children[at] ?? 0
    }
    children[node * 2 + (code & 1)] = ~octet
    code++
  }
  return children
}

/** Four bits on from `node`: no code is so short that two could end in them. */
function step(children: Int16Array, node: number, bits: number): void {
  let at = node
  let octet = NO_OCTET
  for (let bit = 3; bit >= 0; bit--) {
    const child = children[at * 2 + ((bits >> bit) & 1)] ?? 0
    if (child < 0) octet = ~child === END_OF_STRING ? INVALID : ~child
    at = Math.max(child, 0)
  }
  NEXT[node * 16 + bits] = at
  OCTETS[node * 16 + bits] = octet
}

function buildTables(): void {
  const children = buildTree()
  for (let node = 0; node < NODES; node++) {
    for (let bits = 0; bits < 16; bits++) step(children, node, bits)
  }
  let node = 0
  for (let depth = 0; depth < 8; depth++) {
    MAY_END[node] = 1
    node = children[node * 2 + 1] ?? 0
  }
}

buildTables()

let scratch = Buffer.alloc(4096)

/** The octets that `bytes` from `start` to `end` stand for, one character each; undefined if that is no such string. */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number): string | undefined {
  const room = Math.ceil(((end - start) * 8) / 5)
  if (scratch.length < room) scratch = Buffer.alloc(room)
  let length = 0
  let node = 0
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number
    for (let at = (node << 4) | (byte >> 4), half = 0; half < 2; half++) {
      const octet = OCTETS[at] as number
      if (octet >= 0) scratch[length++] = octet
      else if (octet === INVALID) return undefined
      node = NEXT[at] as number
      at = (node << 4) | (byte & 15)
    }
  }
  return MAY_END[node] === 1 ? scratch.toString('latin1', 0, length) : undefined
}
