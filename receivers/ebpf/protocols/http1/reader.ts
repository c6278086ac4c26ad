import {
  type Chunk,
  type Direction,
  NEED_MORE,
  type ParseResult,
  type RunProgress,
} from '../../protocol.ts'
import { ChunkedBody, endsHead } from './chunked.ts'
import type { Framing } from './framing.ts'
import {
  contentToCome,
  inferredBodyBytes,
  looksEnded,
  SETTLE_NS,
  UNKNOWN_END_NS,
} from './inference.ts'
import { type Message, newMessage } from './message.ts'
import { LF } from './octets.ts'
import { skipEmptyLines } from './parse.ts'
import { SplitHead } from './split_head.ts'

const EMPTY = Buffer.alloc(0)

/**
 * - `head`: at, or inside, the head of a message.
 * - `length`, `chunked`, `close`: inside a body whose end will be known.
 * - `open`: inside a message whose head's end, or framing, was not captured: its end is inferred.
 * - `settled`: such an end was inferred from quiet: only the other direction's next message makes it certain.
 * - `lost`: out of step. Only `resume` leads out.
 */
type Phase = 'head' | 'length' | 'chunked' | 'close' | 'open' | 'settled' | 'lost'

/** What a reader reports. `onHead` answers how the body ends; `head` undefined: nothing of it was captured. */
export interface ReaderListener<Head> {
  onHead(message: Message<Head>): Framing
  /** `inferred`: the end was not read; other messages may hide in front of it. */
  onEnd(message: Message<Head>, inferred: boolean): void
  onInvalid(): void
  /** Bytes passed unseen; `lost` when the reader has thereby fallen out of step. */
  onGap(lost: boolean): void
  onGrew(): void
  /** Whether another message is due behind the one that is being read. */
  expectsAnother(): boolean
}

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

/** Follows one direction of a connection from message to message, by stream positions. */
export class MessageReader<Head> {
  /** Everything before it has been looked at, or passed over. */
  position = 0
  #phase: Phase = 'head'
  /** Of the body, while `length`. */
  #end = 0
  #chunked = new ChunkedBody()
  #message: Message<Head> | undefined
  readonly #head = new SplitHead()
  #tail = EMPTY
  /** Position of the chunk in which the head ended. */
  #headChunk = 0
  /** Every call since the head was captured whole and ended without an empty line: so far, either pairing tells each. */
  #callsAreTold = true
  readonly #parser: HeadParser<Head>
  readonly #listener: ReaderListener<Head>

  constructor(parser: HeadParser<Head>, listener: ReaderListener<Head>) {
    this.#parser = parser
    this.#listener = listener
  }

  get lost(): boolean {
    return this.#phase === 'lost'
  }

  /** Between two messages: the next byte begins one. */
  get atBoundary(): boolean {
    return this.#phase === 'head' && this.#head.isEmpty
  }

  get insideHead(): boolean {
    return this.#phase === 'head' && !this.#head.isEmpty
  }

  get isOpen(): boolean {
    return this.#phase === 'open'
  }

  /** Open, with last bytes that can be an end. */
  get looksEnded(): boolean {
    return this.#phase === 'open' && this.#message !== undefined && this.#mayEnd(this.#message)
  }

  /** Inside a message whose end will be told by counters, not by the end of the direction. */
  get awaitsEnd(): boolean {
    return this.#message !== undefined && this.#phase !== 'close'
  }

  feed(chunk: Chunk): void {
    const stop = chunk.position + chunk.bytes
    if (stop <= this.position) return
    if (chunk.position > this.position) this.#passGap(chunk.position)
    while (this.position < stop && this.#phase !== 'lost') this.#step(chunk, stop)
    this.position = stop
    const whole = chunk.data.length === chunk.bytes
    if (!whole || endsHead(chunk.tail)) this.#callsAreTold = false
  }

  /** The kernel's counters: no bytes, but how many there were. */
  progress(run: RunProgress, nowNs: number): void {
    if (run.position > this.position || this.#phase === 'lost') return
    const bytes = run.position + run.bytes - this.position
    if (bytes > 0 && this.#mayPass(run, bytes, nowNs)) {
      const { direction, lastNs, tail } = run
      const tgid = this.#message?.tgid ?? 0
      const position = this.position
      this.feed({ direction, position, bytes, data: EMPTY, tail, firstNs: lastNs, lastNs, tgid })
    }
    this.#settle(nowNs)
  }

  /** A message the other way has begun: what is open ends here. */
  turn(): void {
    if (this.#phase === 'open') this.#endInferred('head')
    else if (this.#phase === 'settled') this.#phase = 'head'
  }

  /** Reads what is there of a head as if nothing followed: the answer has come before the rest. */
  cutHead(tgid: number): void {
    const result = this.#parser.parse(this.#head.data, 0, true)
    const { firstNs, data } = this.#head
    const position = this.position - data.length
    this.#head.clear()
    if (result.kind === 'frame') {
      this.#begin(newMessage(result.frame, position, data.length, firstNs, firstNs, tgid))
    } else {
      this.#listener.onInvalid()
    }
  }

  /** The direction is over: an unfinished message is handed back with its `ended` as it is. */
  finish(): Message<Head> | undefined {
    const message = this.#message
    if (this.#phase === 'close' && message !== undefined) {
      message.ended = true
      message.bodyBytes = message.bytes - message.headBytes
    } else if (this.#phase === 'open') {
      this.#closeOpen()
    }
    this.#message = undefined
    this.#head.clear()
    this.#phase = 'lost'
    return message
  }

  lose(): void {
    this.#phase = 'lost'
    this.#message = undefined
    this.#head.clear()
  }

  /** In step again: a message begins at `position`. */
  resume(position: number): void {
    this.position = position
    this.#phase = 'head'
  }

  #step(chunk: Chunk, stop: number): void {
    switch (this.#phase) {
      case 'head':
        if (!this.#head.isEmpty) this.#readSplitHead(chunk, stop)
        else this.#readHead(chunk, stop)
        break
      case 'length':
        this.#pass(Math.min(this.#end, stop), chunk)
        if (this.position === this.#end) this.#endRead()
        break
      case 'chunked':
        this.#readChunked(chunk, stop)
        break
      case 'open':
        this.#readOpen(chunk, stop)
        break
      case 'settled':
        this.#afterSettled(chunk, stop)
        break
      default:
        this.#pass(stop, chunk)
    }
  }

  #readHead(chunk: Chunk, stop: number): void {
    const from = this.position - chunk.position
    const whole = chunk.data.length === chunk.bytes
    if (from >= chunk.data.length) {
      this.#beginUnseen(chunk, stop)
      return
    }
    const start = this.#parser.direction === 'request' ? skipEmptyLines(chunk.data, from) : from
    if (start > from) {
      this.position = chunk.position + start
      return
    }
    const result = this.#parser.parse(chunk.data, from, !whole)
    if (result.kind === 'frame') {
      this.#beginRead(chunk, stop, result.frame, this.position, result.bytes, chunk.firstNs)
    } else if (result.kind === 'need_more' && !whole) {
      this.#beginUnseen(chunk, stop)
    } else if (result.kind === 'need_more') {
      this.#head.begin(chunk.data.subarray(from), chunk.firstNs)
      this.position = stop
    } else {
      this.#listener.onInvalid()
      this.position = stop
    }
  }

  #beginUnseen(chunk: Chunk, stop: number): void {
    const position = this.position
    this.position = stop
    this.#begin(newMessage<Head>(undefined, position, 0, chunk.firstNs, chunk.lastNs, chunk.tgid))
    this.#pass(stop, chunk)
  }

  #readSplitHead(chunk: Chunk, stop: number): void {
    const from = this.position - chunk.position
    const whole = chunk.data.length === chunk.bytes
    const before = this.#head.data.length
    const piece = chunk.data.subarray(Math.min(from, chunk.data.length))
    this.#head.add(piece)
    const truncated = !whole || this.#head.isFull
    const mayBeWhole = truncated || piece.includes(LF)
    const result = mayBeWhole ? this.#parser.parse(this.#head.data, 0, truncated) : NEED_MORE
    if (result.kind === 'frame') {
      const { firstNs } = this.#head
      this.#head.clear()
      this.#beginRead(chunk, stop, result.frame, this.position - before, result.bytes, firstNs)
      return
    }
    this.position = stop
    if (result.kind === 'need_more') return
    this.#head.clear()
    this.#listener.onInvalid()
  }

  #beginRead(
    chunk: Chunk,
    stop: number,
    head: Head,
    position: number,
    headBytes: number,
    firstNs: number,
  ): void {
    this.position = position + headBytes
    this.#headChunk = chunk.position
    this.#begin(newMessage(head, position, headBytes, firstNs, chunk.lastNs, chunk.tgid))
    if (this.#phase === 'open') this.#passUncaptured(chunk, stop)
  }

  /** The head's capture ended: what is left of the call may be head or body. */
  #passUncaptured(chunk: Chunk, stop: number): void {
    this.#pass(stop, chunk)
    const following = this.#message && contentToCome(this.#message, chunk.tail)
    if (following === undefined) return
    this.#phase = 'length'
    this.#end = stop + following
  }

  #begin(message: Message<Head>): void {
    this.#message = message
    this.#callsAreTold = true
    message.framing = this.#listener.onHead(message)
    if (this.#phase === 'lost') return
    this.#enterBody(message, message.head !== undefined && this.#parser.isComplete(message.head))
  }

  #enterBody(message: Message<Head>, headComplete: boolean): void {
    const { framing } = message
    if (!headComplete) {
      this.#phase = 'open'
      return
    }
    switch (framing.kind) {
      case 'none':
        message.bodyBytes = 0
        this.#endMessage('head', false)
        break
      case 'length':
        this.#phase = 'length'
        this.#end = this.position + framing.bytes
        break
      case 'chunked':
        this.#phase = 'chunked'
        this.#chunked = new ChunkedBody()
        break
      case 'close':
        this.#phase = 'close'
        break
      default:
        this.#phase = 'open'
    }
  }

  #readChunked(chunk: Chunk, stop: number): void {
    const isHeads = chunk.position === this.#headChunk
    const mayScan = this.#parser.scansLaterCalls || isHeads || this.#callsAreTold
    const captured = mayScan ? chunk.data.length : 0
    const from = this.position - chunk.position
    if (from < captured) {
      this.#pass(chunk.position + this.#chunked.scan(chunk.data, from), chunk)
    }
    if (!this.#chunked.ended && this.position < stop) {
      this.#chunked.skip(stop - this.position, chunk.tail)
      this.#pass(stop, chunk)
    }
    if (this.#chunked.ended) this.#endRead()
    else if (this.#chunked.lost) this.#openChunked(chunk, stop)
  }

  /** It is no longer known where in the coding we are: the last bytes of the calls tell the end. */
  #openChunked(chunk: Chunk, stop: number): void {
    this.#phase = 'open'
    this.#pass(stop, chunk)
  }

  #readOpen(chunk: Chunk, stop: number): void {
    const mayEnd = this.looksEnded && this.#listener.expectsAnother()
    if (mayEnd && this.#beginsHead(chunk)) this.#endInferred('head')
    else this.#pass(stop, chunk)
  }

  #beginsHead(chunk: Chunk): boolean {
    if (this.position !== chunk.position || this.position === this.#message?.position) return false
    return chunk.data.length > 0 && this.#parser.parse(chunk.data, 0, false).kind !== 'invalid'
  }

  #afterSettled(chunk: Chunk, stop: number): void {
    if (this.#beginsHead(chunk)) {
      this.#phase = 'head'
      return
    }
    this.#listener.onGrew()
    this.position = stop
  }

  #pass(to: number, chunk: Chunk): void {
    const message = this.#message
    this.position = to
    if (message === undefined) return
    message.bytes = to - message.position
    message.lastNs = chunk.lastNs
    if (this.#phase === 'open') this.#tail = Buffer.from(chunk.tail)
  }

  #endRead(): void {
    const message = this.#message
    if (message !== undefined) {
      message.bodyBytes =
        message.framing.kind === 'length' ? message.framing.bytes : this.#chunked.decodedBytes
    }
    this.#endMessage('head', false)
  }

  #endInferred(next: Phase): void {
    this.#closeOpen()
    this.#endMessage(next, true)
  }

  #closeOpen(): void {
    const message = this.#message
    if (message === undefined) return
    message.ended = true
    message.bodyBytes = inferredBodyBytes(message)
  }

  #endMessage(next: Phase, inferred: boolean): void {
    const message = this.#message
    this.#phase = next
    this.#message = undefined
    if (message === undefined) return
    message.ended = true
    this.#listener.onEnd(message, inferred)
  }

  /** Counters may run ahead of the records: what needs bytes waits for them, or until it is clear that none will come. */
  #mayPass(run: RunProgress, bytes: number, nowNs: number): boolean {
    const recordsAreIn = run.inOrder || nowNs - run.lastNs >= SETTLE_NS
    // A run's first call has a record: here that is not read yet, and may well be the next message.
    if (run.position === this.position) return recordsAreIn && this.#phase !== 'head'
    if (this.#phase === 'open' || this.#phase === 'close') return true
    if (this.#phase === 'length' && this.position + bytes <= this.#end) return true
    return recordsAreIn
  }

  #settle(nowNs: number): void {
    const message = this.#message
    if (this.#phase !== 'open' || message === undefined) return
    const quietNs = nowNs - message.lastNs
    if (this.#mayEnd(message)) {
      if (quietNs >= SETTLE_NS) this.#endInferred('settled')
    } else if (message.framing.kind === 'unknown' && quietNs >= UNKNOWN_END_NS) {
      message.partial = message.head === undefined ? 'response_head_unseen' : 'response_end_unknown'
      this.#endInferred('settled')
    }
  }

  #mayEnd(message: Message<Head>): boolean {
    return looksEnded(message, this.#tail, this.#parser.direction)
  }

  /** `to`: where the stream goes on. Bytes that belong to a body of known length need not be seen. */
  #passGap(to: number): void {
    const message = this.#message
    if (this.#phase === 'lost') return
    const inside = this.#phase === 'close' || (this.#phase === 'length' && to <= this.#end)
    if (!inside || message === undefined) {
      this.#phase = 'lost'
      this.#head.clear()
      this.#listener.onGap(true)
      return
    }
    this.#listener.onGap(false)
    message.bytes = to - message.position
    this.position = to
    if (this.#phase !== 'length' || to < this.#end) return
    message.partial = 'gap'
    this.#endRead()
  }
}
