import type { Chunk, ParseResult } from '../../protocol.ts'
import type { Budget } from './budget.ts'

/**
 * One direction may hold back this much of a message that is not whole; a parser that needs more of one has to skip. What
 * servers of databases write at once is 16 KiB, with headers around it.
 */
export const MAX_HELD_BYTES = 17 << 10

/** When a frame's first and last byte moved, and who moved the last. */
export interface FrameTimes {
  readonly firstNs: number
  readonly lastNs: number
  readonly tgid: number
}

/** Why a reader stopped. */
export type LossReason = 'chunk_gap' | 'chunk_invalid' | 'chunk_memory'

export interface ReaderHost<Frame> {
  /** What begins at `bytes[0]`, if there is one. A frame may be longer than the bytes at hand: the rest is skipped, seen or not. */
  parse(bytes: Buffer): ParseResult<Frame>
  /** Called when the frame's last byte has moved. False: it makes no sense here. */
  frame(frame: Frame, times: FrameTimes): boolean
  lost(reason: LossReason): void
}

interface Waiting<Frame> {
  readonly frame: Frame
  readonly firstNs: number
}

const EMPTY = Buffer.alloc(0)

/**
 * Cuts one direction of a connection into frames, by position: what a frame skips need not be captured, and any other byte that is
 * missing is a gap, after which nothing is read until `resume`.
 */
export class FrameReader<Frame> {
  readonly #host: ReaderHost<Frame>
  readonly #budget: Budget
  /** Where the next frame begins; undefined until a chunk says where the stream stands. */
  #at: number | undefined
  /** Bytes from `#at` on, too few for a frame; and when the first of them moved. */
  #held = EMPTY
  #heldNs = 0
  /** A frame that ends at `#at`, which is still to come. */
  #waiting: Waiting<Frame> | undefined
  #lost = false

  constructor(host: ReaderHost<Frame>, budget: Budget) {
    this.#host = host
    this.#budget = budget
  }

  get lost(): boolean {
    return this.#lost
  }

  /** Nothing is begun that is not ended. */
  get atBoundary(): boolean {
    return this.#held.length === 0 && this.#waiting === undefined
  }

  /** Reads nothing until `resume`, and holds nothing. */
  lose(): void {
    this.#lost = true
    this.#hold(EMPTY, 0)
    this.#waiting = undefined
  }

  /** The next chunk begins with a frame. */
  resume(): void {
    this.#lost = false
    this.#at = undefined
  }

  feed(chunk: Chunk): void {
    if (this.#lost) return
    this.#at ??= chunk.position
    const end = chunk.position + chunk.bytes
    if (end < this.#at) return
    this.#endWaiting(chunk)
    if (this.#lost || end === this.#at) return
    this.#pass(chunk)
    if (chunk.position > this.#wanted && !this.#skip(chunk, chunk.position)) return
    if (end <= this.#wanted) return
    const known = Math.min(this.#wanted - chunk.position, chunk.data.length)
    this.#read(known === 0 ? chunk.data : chunk.data.subarray(known), chunk)
    const seen = chunk.position + chunk.data.length
    if (!this.#lost && seen < end && this.#wanted < end) this.#skip(chunk, end)
  }

  /** Before the chunk there may be frames that were left out. */
  #pass({ position, passed = 0 }: Chunk): void {
    const isWhole = this.#held.length === 0
    if (isWhole && position > this.#wanted && position - passed <= this.#wanted) this.#at = position
  }

  /** The first byte that is not at hand. */
  get #wanted(): number {
    return (this.#at ?? 0) + this.#held.length
  }

  /** What is wanted next was not captured: takes what the parser can do without. False: it is lost, or does not reach `to`. */
  #skip(chunk: Chunk, to: number): boolean {
    while (this.#wanted < to) {
      const result = this.#host.parse(this.#held)
      const otherwise = result.kind === 'need_more' ? result.otherwise : undefined
      if (otherwise === undefined) {
        this.#fail('chunk_gap')
        return false
      }
      const firstNs = this.#held.length > 0 ? this.#heldNs : chunk.firstNs
      this.#hold(EMPTY, 0)
      if (!this.#take(otherwise, firstNs, chunk)) return false
    }
    return true
  }

  #read(fresh: Buffer, chunk: Chunk): void {
    const bytes = this.#held.length === 0 ? fresh : Buffer.concat([this.#held, fresh])
    const heldBytes = this.#held.length
    const heldNs = this.#heldNs
    let used = 0
    while (used < bytes.length) {
      const result = this.#host.parse(used === 0 ? bytes : bytes.subarray(used))
      if (result.kind === 'need_more') break
      const firstNs = used < heldBytes ? heldNs : chunk.firstNs
      if (!this.#take(result, firstNs, chunk)) return
      used += 'bytes' in result ? result.bytes : 0
    }
    const rest = used >= bytes.length ? EMPTY : bytes.subarray(used)
    if (!this.#hold(rest, used < heldBytes ? heldNs : chunk.firstNs)) this.#fail('chunk_memory')
  }

  /** Returns whether to go on. */
  #take(result: ParseResult<Frame>, firstNs: number, chunk: Chunk): boolean {
    if (result.kind !== 'frame' && result.kind !== 'ignored') {
      this.#fail('chunk_invalid')
      return false
    }
    this.#at = (this.#at ?? 0) + result.bytes
    if (result.kind === 'ignored') return true
    this.#waiting = { frame: result.frame, firstNs }
    this.#endWaiting(chunk)
    return !this.#lost
  }

  #endWaiting(chunk: Chunk): void {
    const waiting = this.#waiting
    if (waiting === undefined || chunk.position + chunk.bytes < (this.#at ?? 0)) return
    this.#waiting = undefined
    const times = { firstNs: waiting.firstNs, lastNs: chunk.lastNs, tgid: chunk.tgid }
    if (!this.#host.frame(waiting.frame, times) && !this.#lost) this.#fail('chunk_invalid')
  }

  /** Copies: the chunk's bytes are only lent. */
  #hold(rest: Buffer, ns: number): boolean {
    if (rest.length > MAX_HELD_BYTES || !this.#budget.take(rest.length - this.#held.length)) {
      return false
    }
    this.#held = rest.length === 0 ? EMPTY : Buffer.from(rest)
    this.#heldNs = ns
    return true
  }

  #fail(reason: LossReason): void {
    this.lose()
    this.#host.lost(reason)
  }
}
