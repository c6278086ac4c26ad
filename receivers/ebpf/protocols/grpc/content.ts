import { Base64 } from './base64.ts'
import { type GrpcKind, isWeb } from './content_type.ts'

/** Flag and length, in front of each message. */
const PREFIX_BYTES = 5
/** The flag of what gRPC-Web has in place of trailers. */
const TRAILERS = 0x80
/** What they begin with: none is longer than 64 KiB. And the same in base64. */
const TRAILERS_FRONT = Buffer.from([TRAILERS, 0, 0])
const TEXT_FRONT = TRAILERS_FRONT.toString('base64')
/** Of them, what is looked at. */
const TRAILERS_MAX_BYTES = 1024
const STATUS = /(?:^|\n)grpc-status: *(\d+)(?:\r|\n|$)/i

const EMPTY = Buffer.alloc(0)

/**
 * Follows the content of one direction of a call: counts its messages, by the prefixes that were captured of them, and finds the status
 * at the end of gRPC-Web.
 * Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md (Length-Prefixed-Message) and PROTOCOL-WEB.md
 */
export class GrpcContent {
  /** As sent; '' when it was not seen. */
  status = ''
  readonly kind: GrpcKind
  readonly #base64: Base64 | undefined
  #count: number | undefined = 0
  /** Of the message under way. */
  #left = 0
  /** A prefix that is not whole: what its bytes say so far, and how many they are. */
  #length = 0
  #prefixBytes = 0
  /** Of the trailers under way; undefined while there are none. */
  #trailers: Buffer | undefined

  constructor(kind: GrpcKind) {
    this.kind = kind
    this.#base64 = kind === 'text' ? new Base64() : undefined
  }

  /** Messages; undefined: a prefix was not captured. */
  get count(): number | undefined {
    return this.#count
  }

  /** Content of `length` bytes, of which `bytes` has what is at hand from `start` on. */
  add(bytes: Buffer, start: number, length: number): void {
    if (this.#count === undefined) {
      this.find(bytes.subarray(start, start + length))
      return
    }
    if (this.#base64 === undefined) {
      this.#read(bytes, start, length)
      return
    }
    const seen = bytes.subarray(start, start + length)
    const decoded = this.#base64.decode(seen)
    this.#read(decoded, 0, decoded.length)
    if (seen.length < length) this.lose()
  }

  /** Bytes of it were missed. */
  lose(): void {
    if (this.#trailers !== undefined) this.#endTrailers(this.#trailers)
    this.#count = undefined
  }

  /** Looks for trailers where it is not known what begins where. */
  find(bytes: Buffer): void {
    if (!isWeb(this.kind) || this.status !== '') return
    const isText = this.kind === 'text'
    const at = bytes.indexOf(isText ? TEXT_FRONT : TRAILERS_FRONT)
    if (at < 0) return
    const found = bytes.subarray(at, at + TRAILERS_MAX_BYTES)
    const decoded = isText ? new Base64().decode(found) : found
    if (decoded.length < PREFIX_BYTES) return
    const end = PREFIX_BYTES + decoded.readUInt32BE(1)
    this.#endTrailers(decoded.subarray(PREFIX_BYTES, end))
  }

  #read(bytes: Buffer, start: number, length: number): void {
    let at = 0
    while (at < length && this.#count !== undefined) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, length - at)
        this.#pass(bytes.subarray(start + at, start + at + step), step)
        at += step
      } else {
        this.#prefix(bytes[start + at])
        at++
      }
    }
  }

  #pass(bytes: Buffer, length: number): void {
    this.#left -= length
    if (this.#trailers === undefined) return
    const room = TRAILERS_MAX_BYTES - this.#trailers.length
    this.#trailers = Buffer.concat([this.#trailers, bytes.subarray(0, room)])
    if (this.#left > 0) return
    this.#endTrailers(this.#trailers)
    this.#trailers = undefined
  }

  #endTrailers(text: Buffer): void {
    this.status ||= STATUS.exec(text.toString('latin1'))?.[1] ?? ''
  }

  #prefix(byte: number | undefined): void {
    const isFlag = this.#prefixBytes === 0
    const hasTrailers = isFlag && byte === TRAILERS && isWeb(this.kind)
    if (byte === undefined || (isFlag && byte > 1 && !hasTrailers)) {
      this.lose()
      return
    }
    if (hasTrailers) this.#trailers = EMPTY
    if (!isFlag) this.#length = this.#length * 256 + byte
    if (++this.#prefixBytes < PREFIX_BYTES) return
    if (this.#count !== undefined && this.#trailers === undefined) this.#count++
    this.#left = this.#length
    this.#length = 0
    this.#prefixBytes = 0
  }
}
