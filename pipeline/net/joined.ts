/** What a body may be: pieces in a row. */
export type Pieces = readonly Uint8Array[]

/** A buffer that one large body has grown beyond this is given back. */
const KEPT_BYTES = 4 << 20

/** Kept for the next body. Megabytes that are allocated several times a second make V8 collect its old objects as often. */
let spare = Buffer.alloc(0)

/** Gives `use` the pieces as one, which are not its any more once what it returns has settled. */
export async function joined<T>(
  pieces: Pieces,
  use: (bytes: Uint8Array) => Promise<T>,
): Promise<T> {
  const [first] = pieces
  if (first !== undefined && pieces.length === 1) return use(first)
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const buffer = spare.length >= bytes ? spare : Buffer.allocUnsafeSlow(bytes)
  spare = Buffer.alloc(0) // another body may be under way meanwhile
  let at = 0
  for (const piece of pieces) {
    buffer.set(piece, at)
    at += piece.length
  }
  try {
    return await use(buffer.subarray(0, bytes))
  } finally {
    if (buffer.length <= KEPT_BYTES && buffer.length > spare.length) spare = buffer
  }
}
