import type { Chunk, Direction, EndReason, ParseResult } from '../../protocol.ts'
import { Queue } from '../chunks/queue.ts'
import type { FrameTimes } from '../chunks/reader.ts'
import type { Dialogue } from '../chunks/stream.ts'
import { answerTo, isOneOf } from './answers.ts'
import { beginsMemcached } from './begins.ts'
import type { Command, Keys, MemcachedFrame, Reply } from './frames.ts'
import { END, parseFrame } from './parse.ts'
import type { MemcachedReason } from './reasons.ts'
import { hasSpan, isFound, isRow, joinedWith, note, type Waiting, waitingFor } from './waiting.ts'

/** A command, or a row of commands of one name, and what came of it. */
export interface MemcachedExchange extends Waiting {
  readonly failure: '' | 'connection_closed' | 'connection_reset'
  readonly endNs: number
}

export interface MemcachedHost {
  exchange(exchange: MemcachedExchange): void
  count(reason: MemcachedReason, n?: number): void
  ignore(): void
}

type Side = Pick<FrameTimes, 'tgid' | 'lastNs'>

/** Commands of one connection that wait for answers: more than any client sends ahead. */
const MAX_WAITING = 16_384
/** Silent commands that make one row. */
const MAX_ROW = 16_384
/** What comes longer after a row of silent commands is not what ends it. */
const ROW_NS = 1e9

/** Joins the commands and replies of one connection. The server answers in order, and may be silent where it was asked to. */
export class MemcachedDialogue implements Dialogue<MemcachedFrame> {
  readonly #host: MemcachedHost
  readonly #waiting = new Queue<Waiting>(MAX_WAITING)
  /** Commands among them that the server has to answer. */
  #loud = 0
  /** A line of keys that has not ended. */
  #open: Waiting | undefined
  /** The last command had no answer: an error may come all the same. */
  #unanswered = false
  /** An answer is skipped: what moved last. */
  #skipped: Side | undefined

  constructor(host: MemcachedHost) {
    this.#host = host
  }

  get waiting(): number {
    return this.#loud
  }

  parse(direction: Direction, bytes: Buffer): ParseResult<MemcachedFrame> {
    const result = parseFrame(direction, this.#open !== undefined, bytes)
    const oldest = this.#waiting.oldest
    const mayEnd = result.kind === 'need_more' && direction === 'response'
    return mayEnd && oldest !== undefined && isFound(oldest) ? { ...END, ...result } : result
  }

  begins(direction: Direction, bytes: Buffer): boolean {
    return beginsMemcached(direction, bytes)
  }

  frame(direction: Direction, frame: MemcachedFrame, times: FrameTimes): boolean {
    if (direction === 'request') return this.#onRequest(frame, times)
    return frame.kind === 'reply' && this.#onReply(frame, times)
  }

  /** Keys or values that were not captured, of the only command that is awaited. */
  skip(direction: Direction): boolean {
    if (direction === 'request') return this.#skipKeys()
    const last = this.#waiting.all.at(-1)
    if (this.#loud !== 1 || last === undefined || isRow(last)) return false
    if (!this.#waiting.all.some(({ command }) => command.form === 'get')) return false
    this.#host.count('result_uncaptured')
    this.#skipped = { tgid: last.tgid, lastNs: last.lastNs }
    return true
  }

  #skipKeys(): boolean {
    const open = this.#open
    if (open === undefined) return false
    this.#host.count('memcached_cut')
    open.partial = 'memcached_cut'
    this.#open = undefined
    return true
  }

  skipped({ direction, tail, tgid, lastNs }: Chunk): void {
    if (this.#skipped === undefined || direction === 'request') return
    this.#skipped = { tgid, lastNs }
    if (tail.toString('latin1').endsWith('\r\nEND\r\n')) this.#endSkipped()
  }

  #endSkipped(): void {
    const side = this.#skipped
    this.#skipped = undefined
    if (side === undefined) return
    for (const waiting of this.#waiting.all) waiting.partial = 'result_uncaptured'
    this.#complete(side)
  }

  drop(): number {
    this.#open = undefined
    this.#skipped = undefined
    this.#unanswered = false
    this.#loud = 0
    return this.#waiting.takeAll().filter(hasSpan).length
  }

  end(reason: EndReason, ns: number): void {
    this.#endSkipped()
    const failure = reason === 'reset' ? 'connection_reset' : 'connection_closed'
    while (this.#loud > 0) {
      const waiting = this.#shift()
      if (waiting !== undefined) this.#emit(waiting, ns, waiting.tgid, failure)
    }
    this.#endRows()
  }

  #onRequest(frame: MemcachedFrame, times: FrameTimes): boolean {
    this.#endSkipped()
    if (frame.kind === 'command') this.#onCommand(frame, times)
    else if (frame.kind === 'keys') this.#onKeys(frame)
    return frame.kind !== 'reply'
  }

  #onKeys({ keys, open }: Keys): void {
    if (this.#open !== undefined) this.#open.keys += keys
    if (!open) this.#open = undefined
  }

  #onCommand(command: Command, times: FrameTimes): void {
    const newest = this.#waiting.newest
    if (this.#loud === 0 && newest !== undefined && newest.lastNs + ROW_NS < times.firstNs)
      this.#endRows()
    this.#unanswered = command.silent === 'always'
    if (command.streams) this.#stop('memcached_stream')
    else if (this.#unanswered) this.#emit(waitingFor(command, times), times.lastNs, times.tgid)
    else if (command.silent === 'unless') this.#addToRow(command, times)
    else this.#wait(waitingFor(command, times))
  }

  #addToRow(command: Command, times: FrameTimes): void {
    const row = this.#waiting.newest
    const goesOn = row !== undefined && isRow(row) && row.command.name === command.name
    if (goesOn && row.keys < MAX_ROW) {
      row.keys++
      row.lastNs = times.lastNs
    } else this.#wait(waitingFor(command, times))
  }

  #wait(waiting: Waiting): void {
    if (!this.#waiting.push(waiting)) {
      this.#stop('too_many_waiting')
      return
    }
    if (!isRow(waiting)) this.#loud++
    if (waiting.command.open) this.#open = waiting
  }

  #stop(reason: MemcachedReason): void {
    this.#host.count(reason)
    this.#host.ignore()
  }

  /** What answers the next command that has to be answered ends the silent ones in front of it. */
  #onReply(reply: Reply, times: FrameTimes): boolean {
    const loud = this.#loud > 0 ? this.#waiting.find((one) => !isRow(one)) : undefined
    const answer = loud === undefined ? 'no' : answerTo(loud.command, reply)
    if (loud === undefined || answer === 'no') return this.#onUnasked(reply, times)
    note(loud, reply, times)
    if (answer === 'last') this.#complete(times)
    return true
  }

  #onUnasked(reply: Reply, times: FrameTimes): boolean {
    const row = this.#waiting.find((one) => isRow(one) && isOneOf(one.command, reply))
    if (row === undefined) return this.#unanswered && reply.error !== ''
    note(row, reply, times)
    return true
  }

  /** Everything up to the next command that has to be answered is done. */
  #complete({ lastNs, tgid }: Side): void {
    let row: Waiting | undefined
    for (let next = this.#shift(); next !== undefined; next = this.#shift()) {
      const joins = row !== undefined && row.command.name === next.command.name
      if (row !== undefined && !joins) this.#emit(row, lastNs, tgid)
      const all = row !== undefined && joins ? joinedWith(row, next) : next
      if (!isRow(next)) {
        this.#emit(all, lastNs, tgid)
        return
      }
      row = all
    }
  }

  #shift(): Waiting | undefined {
    const waiting = this.#waiting.shift()
    if (waiting !== undefined && !isRow(waiting)) this.#loud--
    return waiting
  }

  /** Silent commands that nothing ended. */
  #endRows(): void {
    for (const row of this.#waiting.takeAll()) this.#emit(row, row.lastNs, row.tgid)
  }

  #emit(
    waiting: Waiting,
    endNs: number,
    tgid: number,
    failure: MemcachedExchange['failure'] = '',
  ): void {
    this.#host.exchange({ ...waiting, endNs, tgid, failure })
  }
}
