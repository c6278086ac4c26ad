import type { GrpcContent } from '../grpc/content.ts'
import { CR, LF } from './octets.ts'

const EMPTY = Buffer.alloc(0)

/** Hex digits of a chunk's size: 13 stay below 2^53. */
const SIZE_MAX_DIGITS = 13

/** What follows the data of the last but one chunk when there are no trailers. */
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n', 'latin1')
/** The same of a body that has nothing before it, and what a shorter tail can still show. */
const LAST_CHUNK_ALONE = LAST_CHUNK.subarray(2)

/** `past`: behind the data of a chunk, by bytes that were not captured. */
type State =
  | 'size'
  | 'extension'
  | 'data'
  | 'data_end'
  | 'trailer'
  | 'trailer_line'
  | 'past'
  | 'ended'
  | 'lost'

/**
 * Follows a chunked body through the bytes that were captured, and over those that were not as long as it is known
 * which chunk they belong to, and whether that was the last. After that it is `lost`, and only `endsChunkedBody` can tell.
 *
 *     *( 1*HEX [ ext ] CRLF data CRLF ) 1*"0" [ ext ] CRLF *( trailer CRLF ) CRLF
 *
 * Source: https://www.rfc-editor.org/rfc/rfc9112#section-7.1
 */
export class ChunkedBody {
  #state: State = 'size'
  #digits = 0
  #remaining = 0
  #decodedBytes = 0
  /** Bytes since the end of the last chunk's data, while `data_end`, `size` and `past`. */
  #past = 0
  readonly #content: GrpcContent | undefined

  /** `content` follows what is in the chunks. */
  constructor(content?: GrpcContent) {
    this.#content = content
  }

  get ended(): boolean {
    return this.#state === 'ended'
  }

  get lost(): boolean {
    return this.#state === 'lost'
  }

  /** Bytes of content so far, without the framing; right only while not `lost`. */
  get decodedBytes(): number {
    return this.#decodedBytes
  }

  /** Reads on in `buf` from `start`; returns where the body ends, or the buffer. */
  scan(buf: Buffer, start: number): number {
    let at = start
    while (at < buf.length && !this.ended && !this.lost) {
      if (this.#state === 'data') {
        const taken = Math.min(this.#remaining, buf.length - at)
        this.#content?.add(buf, at, taken)
        this.#takeData(taken)
        at += taken
      } else {
        this.#octet(buf[at] ?? 0)
        at++
      }
    }
    return this.ended ? at : buf.length
  }

  /** `bytes` passed that were not captured; `tail` are the last bytes of the stream now. */
  skip(bytes: number, tail: Buffer): void {
    const inData = this.#state === 'data' ? Math.min(bytes, this.#remaining) : 0
    if (inData > 0) {
      this.#content?.add(EMPTY, 0, inData)
      this.#takeData(inData)
    }
    if (bytes > inData) this.#skipPast(bytes - inData, tail)
  }

  #skipPast(bytes: number, tail: Buffer): void {
    const behindData =
      this.#state === 'past' ||
      this.#state === 'data_end' ||
      (this.#state === 'size' && this.#digits === 0 && this.#past > 0)
    if (!behindData) {
      if (this.#state !== 'ended') this.#state = 'lost'
      return
    }
    this.#state = 'past'
    this.#past += bytes
    if (this.#past < LAST_CHUNK.length) return
    this.#state = this.#past === LAST_CHUNK.length && endsChunkedBody(tail) ? 'ended' : 'lost'
  }

  #takeData(bytes: number): void {
    this.#decodedBytes += bytes
    this.#remaining -= bytes
    if (this.#remaining > 0) return
    this.#state = 'data_end'
    this.#past = 0
  }

  #octet(octet: number): void {
    switch (this.#state) {
      case 'size':
        this.#sizeOctet(octet)
        return
      case 'extension':
        if (octet === LF) this.#endSize()
        return
      case 'data_end':
        this.#past++
        if (octet === LF) this.#startSize()
        else if (octet !== CR) this.#state = 'lost'
        return
      case 'trailer':
        if (octet === LF) this.#state = 'ended'
        else if (octet !== CR) this.#state = 'trailer_line'
        return
      case 'trailer_line':
        if (octet === LF) this.#state = 'trailer'
        return
      default:
        this.#state = 'lost'
    }
  }

  #sizeOctet(octet: number): void {
    const digit = hexDigit(octet)
    if (digit >= 0 && this.#digits < SIZE_MAX_DIGITS) {
      this.#remaining = this.#remaining * 16 + digit
      this.#digits++
    } else if (digit >= 0 || this.#digits === 0) {
      this.#state = 'lost'
    } else if (octet === LF) {
      this.#endSize()
    } else {
      this.#state = 'extension'
    }
  }

  #endSize(): void {
    this.#state = this.#remaining === 0 ? 'trailer' : 'data'
  }

  #startSize(): void {
    this.#state = 'size'
    this.#digits = 0
    this.#remaining = 0
  }
}

/** True when these last bytes of a call can be the end of a chunked body. */
export const endsChunkedBody = (tail: Buffer): boolean =>
  tail.length >= LAST_CHUNK.length
    ? endsWith(tail, LAST_CHUNK)
    : tail.length > 0 &&
      tail.length <= LAST_CHUNK_ALONE.length + 1 &&
      endsWith(tail, LAST_CHUNK_ALONE)

/** True when these last bytes of a call can be the end of a head: an empty line. */
export const endsHead = (tail: Buffer): boolean => endsWith(tail, EMPTY_LINE)

const EMPTY_LINE = Buffer.from('\r\n\r\n', 'latin1')

function endsWith(tail: Buffer, end: Buffer): boolean {
  const from = tail.length - end.length
  if (from < 0) return false
  for (let i = 0; i < end.length; i++) {
    if (tail[from + i] !== end[i]) return false
  }
  return true
}

function hexDigit(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30
  const lower = octet | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
