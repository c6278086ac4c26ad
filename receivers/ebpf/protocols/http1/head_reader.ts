import type { Chunk, Direction, ParseResult } from '../../protocol.ts'
import { LF } from './octets.ts'
import { skipEmptyLines } from './parse.ts'
import { SplitHead } from './split_head.ts'

export interface HeadParser<Head> {
  readonly direction: Direction
  parse(buf: Buffer, start: number, truncated: boolean): ParseResult<Head>
  isComplete(head: Head): boolean
  /**
   * Whether records hold the captured bytes of calls behind the head's, whatever they are. Where not, those are not looked
   * at behind an empty line at a call's end, or bytes that were not captured: the kernel, when it pairs, sends nothing then.
   */
  readonly scansLaterCalls: boolean
}

/** A head as it was read. */
export interface ReadHead<Head> {
  readonly kind: 'frame'
  readonly head: Head
  readonly headBytes: number
  /** Of `headBytes`, those that earlier chunks brought. */
  readonly bytesBefore: number
  /** When its first byte moved. */
  readonly firstNs: number
}

/**
 * What a chunk says of the head that it begins or goes on with.
 * - `ignored`: bytes in front of it that mean nothing. `unseen`: nothing of it was captured.
 * - `need_more`: all of the chunk was taken, and more will come. `invalid`: it is none.
 */
export type HeadResult<Head> =
  | ReadHead<Head>
  | { readonly kind: 'ignored'; readonly bytes: number }
  | { readonly kind: 'unseen' | 'need_more' | 'invalid' }

const UNSEEN: HeadResult<never> = { kind: 'unseen' }
const NEED_MORE: HeadResult<never> = { kind: 'need_more' }
const INVALID: HeadResult<never> = { kind: 'invalid' }

/** Reads heads of one direction, whole or in pieces: what waits of one is kept here. */
export class HeadReader<Head> {
  readonly #parser: HeadParser<Head>
  readonly #split = new SplitHead()

  constructor(parser: HeadParser<Head>) {
    this.#parser = parser
  }

  /** No head has begun. */
  get isEmpty(): boolean {
    return this.#split.isEmpty
  }

  /** Reads on at `from`, an offset in the chunk's bytes. */
  read(chunk: Chunk, from: number): HeadResult<Head> {
    return this.#split.isEmpty ? this.#readFirst(chunk, from) : this.#readNext(chunk, from)
  }

  /** Reads what is there of a head as if nothing followed. */
  cut(): ReadHead<Head> | undefined {
    const { data, firstNs } = this.#split
    const result = this.#parser.parse(data, 0, true)
    this.#split.clear()
    if (result.kind !== 'frame') return undefined
    const { length } = data
    return { kind: 'frame', head: result.frame, headBytes: length, bytesBefore: length, firstNs }
  }

  clear(): void {
    this.#split.clear()
  }

  #readFirst(chunk: Chunk, from: number): HeadResult<Head> {
    const { data, firstNs } = chunk
    if (from >= data.length) return UNSEEN
    const start = this.#parser.direction === 'request' ? skipEmptyLines(data, from) : from
    if (start > from) return { kind: 'ignored', bytes: start - from }
    const whole = data.length === chunk.bytes
    const result = this.#parser.parse(data, from, !whole)
    if (result.kind === 'frame') {
      const { frame: head, bytes: headBytes } = result
      return { kind: 'frame', head, headBytes, bytesBefore: 0, firstNs }
    }
    if (result.kind !== 'need_more') return INVALID
    if (!whole) return UNSEEN
    this.#split.begin(data.subarray(from), firstNs)
    return NEED_MORE
  }

  #readNext(chunk: Chunk, from: number): HeadResult<Head> {
    const whole = chunk.data.length === chunk.bytes
    const bytesBefore = this.#split.data.length
    const piece = chunk.data.subarray(Math.min(from, chunk.data.length))
    this.#split.add(piece)
    const truncated = !whole || this.#split.isFull
    if (!truncated && !piece.includes(LF)) return NEED_MORE
    const { data, firstNs } = this.#split
    const result = this.#parser.parse(data, 0, truncated)
    if (result.kind === 'need_more') return NEED_MORE
    this.#split.clear()
    if (result.kind !== 'frame') return INVALID
    const { frame: head, bytes: headBytes } = result
    return { kind: 'frame', head, headBytes, bytesBefore, firstNs }
  }
}
