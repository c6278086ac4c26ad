import type { Direction, EndReason, ParseResult } from '../../protocol.ts'
import type { FrameTimes } from '../chunks/reader.ts'
import type { Dialogue } from '../chunks/stream.ts'
import { type Answer, answerOf, type Command, commandOf } from './command.ts'
import { beginsRequest, type MongoFrame, parseFrame } from './parse.ts'
import type { MongodbReason } from './reasons.ts'

export interface MongoExchange {
  readonly command: Command
  /** Undefined: none came, and `failure` says why; '' if none was asked for. */
  readonly answer: Answer | undefined
  readonly failure: '' | 'connection_closed' | 'connection_reset'
  readonly startNs: number
  readonly endNs: number
  readonly tgid: number
}

export interface MongoHost {
  exchange(exchange: MongoExchange): void
  count(reason: MongodbReason, n?: number): void
}

interface Waiting {
  readonly command: Command
  readonly startNs: number
  readonly tgid: number
}

/** Drivers send one request at a time; proxies may send some. */
const MAX_WAITING = 1024

/** Joins requests and answers by the number of the request, which answers name. */
export class MongoDialogue implements Dialogue<MongoFrame> {
  readonly named = true
  readonly #host: MongoHost
  readonly #waiting = new Map<number, Waiting>()
  /** What the next answer of an exhausted cursor names: the one before it. */
  #streaming: number | undefined

  constructor(host: MongoHost) {
    this.#host = host
  }

  get waiting(): number {
    return this.#waiting.size
  }

  parse(direction: Direction, bytes: Buffer): ParseResult<MongoFrame> {
    return parseFrame(direction, bytes)
  }

  begins(direction: Direction, bytes: Buffer): boolean {
    if (direction === 'request') return beginsRequest(bytes)
    if (bytes.length < 16) return false
    return (
      parseFrame(direction, bytes).kind !== 'invalid' && this.#waiting.has(bytes.readInt32LE(8))
    )
  }

  frame(direction: Direction, frame: MongoFrame, times: FrameTimes): boolean {
    return direction === 'request' ? this.#onRequest(frame, times) : this.#onResponse(frame, times)
  }

  drop(): number {
    this.#streaming = undefined
    const { size } = this.#waiting
    this.#waiting.clear()
    return size
  }

  end(reason: EndReason, ns: number): void {
    const failure = reason === 'reset' ? 'connection_reset' : 'connection_closed'
    for (const { command, startNs, tgid } of this.#waiting.values())
      this.#host.exchange({ command, answer: undefined, failure, startNs, endNs: ns, tgid })
    this.drop()
  }

  #onRequest(frame: MongoFrame, { firstNs: startNs, lastNs: endNs, tgid }: FrameTimes): boolean {
    const command = commandOf(frame)
    if (command.silent)
      this.#host.exchange({ command, answer: undefined, failure: '', startNs, endNs, tgid })
    else if (this.#waiting.size < MAX_WAITING)
      this.#waiting.set(frame.requestId, { command, startNs, tgid })
    else this.#host.count('too_many_waiting')
    return true
  }

  #onResponse(frame: MongoFrame, { lastNs: endNs, tgid }: FrameTimes): boolean {
    const asked = this.#waiting.get(frame.responseTo)
    if (asked === undefined && frame.responseTo !== this.#streaming) return false
    const answer = answerOf(frame)
    this.#streaming = answer.more ? frame.requestId : undefined
    if (asked === undefined) return true
    this.#waiting.delete(frame.responseTo)
    const { command, startNs } = asked
    this.#host.exchange({ command, answer, failure: '', startNs, endNs, tgid })
    return true
  }
}
