import type { Chunk, RunProgress } from '../../protocol.ts'
import { BodyReader } from './body_reader.ts'
import { type HeadParser, HeadReader, type ReadHead } from './head_reader.ts'
import { recordsAreIn } from './inference.ts'
import { type Message, newMessage } from './message.ts'
import type { ReaderListener } from './reader_listener.ts'
import { ToldCalls } from './told_calls.ts'
import { uncaptured } from './uncaptured.ts'
import { UnderWay } from './under_way.ts'

/**
 * - `head`: at, or inside, the head of a message.
 * - `body`: inside a body whose end will be known.
 * - `open`: inside a message whose head's end, or framing, was not captured: its end is inferred.
 * - `settled`: such an end was inferred from quiet: only the other direction's next message makes it certain.
 * - `lost`: out of step. Only `resume` leads out.
 */
type Phase = 'head' | 'body' | 'open' | 'settled' | 'lost'

/** Follows one direction of a connection from message to message, by stream positions. */
export class MessageReader<Head> {
  /** Everything before it has been looked at, or passed over. */
  position = 0
  #phase: Phase = 'head'
  readonly #underWay: UnderWay<Head>
  readonly #head: HeadReader<Head>
  readonly #body = new BodyReader()
  readonly #toldCalls: ToldCalls
  readonly #parser: HeadParser<Head>
  readonly #listener: ReaderListener<Head>

  constructor(parser: HeadParser<Head>, listener: ReaderListener<Head>) {
    this.#parser = parser
    this.#underWay = new UnderWay(parser.direction)
    this.#head = new HeadReader(parser)
    this.#toldCalls = new ToldCalls(parser.scansLaterCalls)
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
    return this.#phase === 'open' && this.#underWay.looksEnded
  }

  /** Inside a message whose end will be told by counters, not by the end of the direction. */
  get awaitsEnd(): boolean {
    return this.#underWay.message !== undefined && !this.#untilClose
  }

  get #untilClose(): boolean {
    return this.#phase === 'body' && this.#body.endsWithDirection
  }

  feed(chunk: Chunk): void {
    const stop = chunk.position + chunk.bytes
    if (stop <= this.position) return
    if (chunk.position > this.position) this.#passGap(chunk.position)
    while (this.position < stop && this.#phase !== 'lost') this.#step(chunk, stop)
    this.position = stop
    this.#toldCalls.passed(chunk)
  }

  /** The kernel's counters: no bytes, but how many there were. */
  progress(run: RunProgress, nowNs: number): void {
    if (run.position > this.position || this.#phase === 'lost') return
    const bytes = run.position + run.bytes - this.position
    if (bytes > 0 && this.#mayPass(run, bytes, nowNs)) {
      this.feed(uncaptured(run, this.position, bytes, this.#underWay.message?.tgid ?? 0))
    }
    if (this.#phase === 'open' && this.#underWay.settles(nowNs)) this.#endInferred('settled')
  }

  /** A message the other way has begun: what is open ends here. */
  turn(): void {
    if (this.#phase === 'open') this.#endInferred('head')
    else if (this.#phase === 'settled') this.#phase = 'head'
  }

  /** Reads what is there of a head as if nothing followed: the answer has come before the rest. */
  cutHead(tgid: number): void {
    const read = this.#head.cut()
    const { head, headBytes = 0, firstNs = 0 } = read ?? {}
    if (head === undefined) this.#listener.onInvalid()
    else this.#begin(newMessage(head, this.position - headBytes, headBytes, firstNs, firstNs, tgid))
  }

  /** The direction is over: an unfinished message is handed back with its `ended` as it is. */
  finish(): Message<Head> | undefined {
    const { message } = this.#underWay
    if (this.#untilClose && message !== undefined) {
      message.ended = true
      message.bodyBytes = message.bytes - message.headBytes
    } else if (this.#phase === 'open') {
      this.#underWay.inferEnd()
    }
    this.lose()
    return message
  }

  lose(): void {
    this.#phase = 'lost'
    this.#underWay.forget()
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
        this.#readHead(chunk, stop)
        break
      case 'body':
        this.#readBody(chunk, stop)
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
    const result = this.#head.read(chunk, this.position - chunk.position)
    switch (result.kind) {
      case 'frame':
        this.#beginRead(chunk, stop, result)
        break
      case 'ignored':
        this.position += result.bytes
        break
      case 'unseen':
        this.#beginUnseen(chunk, stop)
        break
      case 'need_more':
        this.position = stop
        break
      default:
        this.position = stop
        this.#listener.onInvalid()
    }
  }

  #beginUnseen(chunk: Chunk, stop: number): void {
    const position = this.position
    this.position = stop
    this.#begin(newMessage<Head>(undefined, position, 0, chunk.firstNs, chunk.lastNs, chunk.tgid))
    this.#pass(stop, chunk)
  }

  #beginRead(chunk: Chunk, stop: number, read: ReadHead<Head>): void {
    const { head, headBytes, firstNs, bytesBefore } = read
    const position = this.position - bytesBefore
    this.position = position + headBytes
    this.#toldCalls.headEnded(chunk.position)
    this.#begin(newMessage(head, position, headBytes, firstNs, chunk.lastNs, chunk.tgid))
    if (this.#phase === 'open') this.#passUncaptured(chunk, stop)
  }

  /** The head's capture ended: what is left of the call may be head or body. */
  #passUncaptured(chunk: Chunk, stop: number): void {
    this.#pass(stop, chunk)
    const following = this.#underWay.contentToCome(chunk.tail)
    if (following === undefined) return
    this.#phase = 'body'
    this.#body.beginLength(stop, following)
  }

  #begin(message: Message<Head>): void {
    this.#underWay.begin(message)
    message.framing = this.#listener.onHead(message)
    this.#toldCalls.begin(message.content !== undefined)
    if (this.#phase === 'lost') return
    const { framing, head } = message
    const headComplete = head !== undefined && this.#parser.isComplete(head)
    if (headComplete && framing.kind === 'none') {
      message.bodyBytes = 0
      this.#endMessage('head', false)
    } else {
      this.#phase =
        headComplete && this.#body.begin(framing, this.position, message.content) ? 'body' : 'open'
    }
  }

  #readBody(chunk: Chunk, stop: number): void {
    this.#pass(this.#body.read(chunk, stop, this.#toldCalls.mayScan(chunk)), chunk)
    if (this.#body.ended) this.#endRead()
    else if (this.#body.lost) {
      this.#phase = 'open'
      this.#pass(stop, chunk)
    }
  }

  #readOpen(chunk: Chunk, stop: number): void {
    const mayEnd = this.looksEnded && this.#listener.expectsAnother()
    if (mayEnd && this.#beginsHead(chunk)) this.#endInferred('head')
    else {
      this.#underWay.message?.content?.find(chunk.data)
      this.#pass(stop, chunk)
    }
  }

  #beginsHead(chunk: Chunk): boolean {
    const isFirst = this.position === this.#underWay.message?.position
    if (isFirst || this.position !== chunk.position || chunk.data.length === 0) return false
    return this.#parser.parse(chunk.data, 0, false).kind !== 'invalid'
  }

  #afterSettled(chunk: Chunk, stop: number): void {
    if (this.#beginsHead(chunk)) this.#phase = 'head'
    else {
      this.#listener.onGrew()
      this.position = stop
    }
  }

  #pass(to: number, chunk: Chunk): void {
    this.position = to
    this.#underWay.pass(to, chunk)
    if (this.#phase === 'open') this.#underWay.keepTail(chunk.tail)
  }

  #endRead(): void {
    const { message } = this.#underWay
    if (message !== undefined) message.bodyBytes = this.#body.bodyBytes(message.framing)
    this.#endMessage('head', false)
  }

  #endInferred(next: Phase): void {
    this.#underWay.inferEnd()
    this.#endMessage(next, true)
  }

  #endMessage(next: Phase, inferred: boolean): void {
    this.#phase = next
    const message = this.#underWay.end()
    if (message !== undefined) this.#listener.onEnd(message, inferred)
  }

  /** Counters may run ahead of the records: what needs bytes waits for them, or until it is clear that none will come. */
  #mayPass(run: RunProgress, bytes: number, nowNs: number): boolean {
    // A run's first call has a record: here that is not read yet, and may well be the next message.
    if (run.position === this.position) return recordsAreIn(run, nowNs) && this.#phase !== 'head'
    const isRead = this.#underWay.message?.content !== undefined
    if (!isRead && (this.#phase === 'open' || this.#maySkip(this.position + bytes))) return true
    return recordsAreIn(run, nowNs)
  }

  #maySkip(to: number): boolean {
    return this.#phase === 'body' && this.#body.maySkip(to)
  }

  /** `to`: where the stream goes on. Bytes that belong to a body of known length need not be seen. */
  #passGap(to: number): void {
    const { message } = this.#underWay
    if (this.#phase === 'lost') return
    const lost = message === undefined || !this.#maySkip(to)
    if (lost) this.#phase = 'lost'
    if (lost) this.#head.clear()
    this.#listener.onGap(lost)
    if (lost) return
    this.position = to
    this.#underWay.skip(to)
    this.#body.skip(to)
    if (!this.#body.ended) return
    message.partial = 'gap'
    this.#endRead()
  }
}
