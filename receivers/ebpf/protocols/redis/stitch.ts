import type { Direction, EndReason, ParseResult } from '../../protocol.ts'
import { Queue } from '../chunks/queue.ts'
import type { FrameTimes } from '../chunks/reader.ts'
import type { Dialogue } from '../chunks/stream.ts'
import { type Command, CommandReader } from './command.ts'
import { parseValue, type RespValue } from './parse.ts'
import type { RedisReason } from './reasons.ts'
import { type Reply, ReplyReader } from './reply.ts'

/** A command and its answer. */
export interface RedisExchange {
  readonly command: Command
  /** Undefined: none came, and `failure` says why. */
  readonly reply: Reply | undefined
  readonly failure: '' | 'connection_closed' | 'connection_reset'
  /** The database it went to; '' if that is not known. */
  readonly database: string
  readonly startNs: number
  readonly endNs: number
  readonly tgid: number
}

export interface RedisHost {
  exchange(exchange: RedisExchange): void
  count(reason: RedisReason, n?: number): void
  /** Nothing more is wanted of this connection. */
  ignore(): void
}

interface Waiting {
  readonly command: Command
  readonly startNs: number
  readonly tgid: number
}

/** Commands of one connection that wait for answers: more than any client sends ahead. */
const MAX_WAITING = 16_384

/** What a subscriber hears, asked for or not: in an array by RESP2, in a push by RESP3. */
const SUBSCRIPTIONS = /^[ps]?(?:un)?subscribe$/
const MESSAGES = /^[ps]?message$/
const SUBSCRIBES = /^[PS]?SUBSCRIBE$/
/** From here on the server talks by itself. */
const STREAMS = new Set(['MONITOR', 'SYNC', 'PSYNC'])

const BEGINS_COMMAND = /^\*[1-9]\d{0,6}\r\n\$[1-9]\d?\r\n[A-Za-z]/
const BEGINS_LINE =
  /^(?:PING|ECHO|AUTH|HELLO|INFO|SELECT|QUIT|CLIENT|COMMAND)(?: [\x20-\x7e]*)?\r\n/i
const BEGINS_REPLY =
  /^(?:[+-][\x20-\x7e]|:[+-]?\d|[$!=](?:-1|\d{1,9})\r\n|[*~>%|](?:-1|\d{1,7})\r\n|_\r\n|#[tf]\r\n|,[+-]?[\din]|\([+-]?\d)/
const BEGIN_BYTES = 40

/** Could a message begin here? A command as an array, or as a line that begins with what a client begins with. */
export function beginsRedis(direction: Direction, bytes: Buffer): boolean {
  const text = bytes.toString('latin1', 0, BEGIN_BYTES)
  if (direction === 'response') return BEGINS_REPLY.test(text)
  return BEGINS_COMMAND.test(text) || BEGINS_LINE.test(text)
}

/** Joins the commands and replies of one connection, in their order. */
export class RedisDialogue implements Dialogue<RespValue> {
  readonly #host: RedisHost
  readonly #waiting = new Queue<Waiting>(MAX_WAITING)
  readonly #commands = new CommandReader()
  readonly #replies = new ReplyReader()
  #commandStartNs = 0
  #database: string
  #subscribed = false

  /** `database`: what is selected; '' when that is not known. */
  constructor(host: RedisHost, database: string) {
    this.#host = host
    this.#database = database
  }

  get waiting(): number {
    return this.#waiting.length
  }

  parse(direction: Direction, bytes: Buffer): ParseResult<RespValue> {
    const result = parseValue(bytes)
    // Only clients send lines of words, and only between commands.
    const isWords = result.kind === 'frame' && result.frame.type === 'inline'
    if (isWords && direction === 'response') return { kind: 'invalid', reason: 'a reply in words' }
    return result
  }

  begins(direction: Direction, bytes: Buffer): boolean {
    return beginsRedis(direction, bytes)
  }

  frame(direction: Direction, value: RespValue, times: FrameTimes): boolean {
    return direction === 'request' ? this.#onRequest(value, times) : this.#onResponse(value, times)
  }

  drop(): number {
    this.#commands.reset()
    this.#replies.reset()
    this.#database = ''
    return this.#waiting.takeAll().length
  }

  end(reason: EndReason, ns: number): void {
    const failure = reason === 'reset' ? 'connection_reset' : 'connection_closed'
    for (const waiting of this.#waiting.takeAll()) {
      this.#emit(waiting, undefined, failure, ns, waiting.tgid)
    }
  }

  #onRequest(value: RespValue, times: FrameTimes): boolean {
    if (!this.#commands.isOpen) this.#commandStartNs = times.firstNs
    const command = this.#commands.take(value)
    if (command === undefined) return false
    if (command !== 'more') this.#onCommand(command, times)
    return true
  }

  #onCommand(command: Command, times: FrameTimes): void {
    const waiting = { command, startNs: this.#commandStartNs, tgid: times.tgid }
    if (SUBSCRIBES.test(command.name)) this.#subscribed = true
    if (STREAMS.has(command.name)) this.#stop('redis_stream')
    else if (command.reply === 'OFF' || command.reply === 'SKIP') this.#stop('redis_reply_off')
    else if (!this.#waiting.push(waiting)) {
      this.#host.count('too_many_waiting')
      this.#host.ignore()
    }
  }

  #stop(reason: 'redis_stream' | 'redis_reply_off'): void {
    this.#host.count(reason)
    this.#host.ignore()
  }

  #onResponse(value: RespValue, times: FrameTimes): boolean {
    const reply = this.#replies.take(value)
    if (reply === undefined) return true
    if (this.#isUnasked(reply)) return true
    const waiting = this.#waiting.shift()
    if (waiting === undefined) return false
    this.#emit(waiting, reply, '', times.lastNs, times.tgid)
    this.#learn(waiting.command, reply)
    return true
  }

  /** A message to a subscriber, or word of one more channel than the first that it asked for. */
  #isUnasked({ type, text }: Reply): boolean {
    if (type !== '>' && !(type === '*' && this.#subscribed)) return false
    if (MESSAGES.test(text)) return true
    if (!SUBSCRIPTIONS.test(text)) return type === '>'
    return this.#waiting.oldest?.command.name !== text.toUpperCase()
  }

  #learn({ name, database }: Command, { type, text }: Reply): void {
    if (type === '-' || type === '!') return
    // Within MULTI it is selected later, or never.
    if (name === 'SELECT') this.#database = text === 'OK' ? database : ''
    if (name === 'RESET') {
      this.#database = '0'
      this.#subscribed = false
    }
  }

  #emit(
    { command, startNs }: Waiting,
    reply: Reply | undefined,
    failure: RedisExchange['failure'],
    endNs: number,
    tgid: number,
  ): void {
    const database = this.#database
    this.#host.exchange({ command, reply, failure, database, startNs, endNs, tgid })
  }
}
