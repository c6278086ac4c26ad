import type { Compression } from './compression.ts'

/** A message is: compressed (1 byte, 0 or 1), length (4 bytes, big-endian), bytes. Source: grpc/doc/PROTOCOL-HTTP2.md */
const FRAME_HEADER_BYTES = 5

/** The message, which may be in pieces, after its header: nothing is copied. */
export function frame(pieces: readonly Uint8Array[], compressed: boolean): readonly Uint8Array[] {
  const header = Buffer.alloc(FRAME_HEADER_BYTES)
  header[0] = compressed ? 1 : 0
  header.writeUInt32BE(
    pieces.reduce((sum, one) => sum + one.length, 0),
    1,
  )
  return [header, ...pieces]
}

/** `grpc-encoding` of a compression, which for snappy means the framed form. */
export const GRPC_ENCODINGS = ['identity', 'gzip', 'zstd', 'snappy'] as const
export type GrpcEncoding = (typeof GRPC_ENCODINGS)[number]

export const isGrpcEncoding = (name: string): name is GrpcEncoding =>
  (GRPC_ENCODINGS as readonly string[]).includes(name)

/** How HTTP calls what gRPC calls by another name. */
export const httpCompression = (name: 'gzip' | 'zstd' | 'snappy' | 'none' | ''): Compression =>
  name === 'snappy' ? 'x-snappy-framed' : name

/** Collects the one message of a unary call. */
export class FrameReader {
  readonly #maxBytes: number
  readonly #parts: Buffer[] = []
  #length = 0
  #fault: 'too_large' | 'several' | undefined

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** False as soon as nothing more is worth reading. */
  push(part: Buffer): boolean {
    if (this.#fault !== undefined) return false
    this.#parts.push(part)
    this.#length += part.length
    const claimed = this.claimedBytes
    if (claimed > this.#maxBytes) this.#fault = 'too_large'
    else if (this.#length > FRAME_HEADER_BYTES + claimed) this.#fault = 'several'
    return this.#fault === undefined
  }

  /** Of the message, as its header says; 0 until the header is there. */
  get claimedBytes(): number {
    if (this.#length < FRAME_HEADER_BYTES) return 0
    const [first] = this.#parts
    if (first === undefined || first.length < FRAME_HEADER_BYTES) this.#join()
    return this.#parts[0]?.readUInt32BE(1) ?? 0
  }

  get fault(): 'too_large' | 'several' | undefined {
    return this.#fault
  }

  /** The message, in memory of its own; undefined if the call ended within it. */
  take(): { readonly compressed: boolean; readonly message: Buffer } | undefined {
    const length = this.claimedBytes
    if (this.#length < FRAME_HEADER_BYTES || this.#length < FRAME_HEADER_BYTES + length) return
    const message = Buffer.allocUnsafeSlow(length)
    let at = -FRAME_HEADER_BYTES
    for (const part of this.#parts) {
      if (at < 0) part.copy(message, 0, -at)
      else part.copy(message, at)
      at += part.length
    }
    return { compressed: this.#parts[0]?.[0] === 1, message }
  }

  #join(): void {
    this.#parts.splice(0, this.#parts.length, Buffer.concat(this.#parts))
  }
}
