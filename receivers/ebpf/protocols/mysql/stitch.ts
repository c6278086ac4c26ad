import type { Chunk, Direction, EndReason, ParseResult } from '../../protocol.ts'
import { Queue } from '../chunks/queue.ts'
import type { FrameTimes } from '../chunks/reader.ts'
import type { Dialogue } from '../chunks/stream.ts'
import type { Statement } from '../sql/statement.ts'
import { Answer, type AnswerKind, statusAtEnd } from './answer.ts'
import { beginsTurn } from './begins.ts'
import { COMMAND, formOf } from './command.ts'
import { Opening } from './opening.ts'
import {
  ERR,
  MAX_PAYLOAD,
  type MysqlPacket,
  OK,
  type PacketHead,
  parsePacket,
  type ServerError,
  statusOf,
} from './packet.ts'
import type { MysqlReason } from './reasons.ts'
import type { MysqlSystem } from './servers.ts'
import { Session } from './session.ts'
import { hasSpan, isStray, isTalk, skipTalk, type Waiting } from './waiting.ts'

/** A statement that the server was asked to execute, and what came of it. */
export interface MysqlExchange {
  /** Undefined when it was prepared where nobody saw it. */
  readonly statement: Statement | undefined
  readonly error: ServerError | undefined
  readonly failure: '' | 'connection_closed' | 'connection_reset'
  /** Undefined when it is not known. */
  readonly database: string | undefined
  readonly rows: number | undefined
  /** The end of the answer was not captured. */
  readonly uncaptured: boolean
  readonly startNs: number
  readonly endNs: number
  readonly tgid: number
}

export interface MysqlHost {
  exchange(exchange: MysqlExchange): void
  system(system: MysqlSystem): void
  count(reason: MysqlReason, n?: number): void
  /** Every byte is wanted from here on. */
  follow(): void
  ignore(): void
  /** What follows is in compressed packets. */
  unpack(): void
  /** What follows is TLS. */
  leave(): void
}

type Side = Pick<FrameTimes, 'tgid' | 'lastNs'>

/** More than a client sends ahead. */
const MAX_WAITING = 1024
const after = (seq: number) => (seq + 1) & 0xff

/** Source: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_command_phase.html */
export class MysqlDialogue implements Dialogue<MysqlPacket> {
  readonly #host: MysqlHost
  readonly #waiting = new Queue<Waiting>(MAX_WAITING)
  readonly #session = new Session()
  /** Undefined once the client has logged in. */
  #opening: Opening | undefined
  /** The last packet was full: the next one of its direction goes on with it. */
  readonly #goesOn = { request: false, response: false }
  /** The answer under way is skipped: what moved last. */
  #skipped: Side | undefined
  #last: Waiting | undefined
  /** Packets of an answer have numbers one after the other. */
  #isNumbered = true

  /** `adopted`: the connection is older than weir, its start is over. */
  constructor(host: MysqlHost, adopted: boolean) {
    this.#host = host
    this.#opening = adopted ? undefined : new Opening()
    if (!adopted) this.#session.database = ''
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** From here on packets lie in compressed ones: whenever a server sends those, its packets take over their numbers. */
  unpacked(): void {
    this.#isNumbered = false
  }

  parse(direction: Direction, bytes: Buffer): ParseResult<MysqlPacket> {
    return parsePacket(bytes, (head) => {
      if (this.#goesOn[direction]) return 0
      if (this.#opening !== undefined) return this.#opening.wanted(direction, head)
      return direction === 'request' ? this.#wantedOfRequest(head) : this.#wantedOfAnswer(head)
    })
  }

  begins(direction: Direction, bytes: Buffer): boolean {
    return beginsTurn(direction, bytes)
  }

  frame(direction: Direction, packet: MysqlPacket, times: FrameTimes): boolean {
    const goesOn = this.#goesOn[direction]
    this.#goesOn[direction] = packet.length === MAX_PAYLOAD
    if (this.#opening !== undefined) return this.#open(direction, packet)
    if (direction === 'request') return this.#onRequest(packet, goesOn, times)
    return this.#onAnswer(packet, goesOn, times)
  }

  skip(direction: Direction): boolean {
    const waiting = this.#waiting.oldest
    const goesOn = this.#goesOn[direction]
    this.#goesOn[direction] = false
    if (waiting === undefined || this.#waiting.length > 1) return false
    return direction === 'request' ? skipTalk(waiting, goesOn) : this.#skipAnswer(waiting)
  }

  #skipAnswer({ answer, tgid, startNs }: Waiting): boolean {
    if (!answer.inRows) return false
    this.#host.count('result_uncaptured')
    this.#skipped = { tgid, lastNs: startNs }
    return true
  }

  skipped({ direction, tail, tgid, lastNs }: Chunk): void {
    if (direction === 'request' || this.#skipped === undefined) return
    this.#skipped = { tgid, lastNs }
    const status = statusAtEnd(tail)
    if (status === undefined) return
    this.#session.setStatus(status)
    this.#endSkipped()
  }

  drop(): number {
    this.#opening = undefined
    this.#skipped = undefined
    this.#last = undefined
    this.#goesOn.request = false
    this.#goesOn.response = false
    this.#session.miss()
    return this.#waiting.takeAll().filter(hasSpan).length
  }

  end(reason: EndReason, ns: number): void {
    this.#endSkipped()
    const failure = reason === 'reset' ? 'connection_reset' : 'connection_closed'
    for (const waiting of this.#waiting.takeAll().filter(hasSpan)) {
      this.#emit(waiting, { lastNs: ns, tgid: waiting.tgid }, failure)
    }
  }

  #open(direction: Direction, packet: MysqlPacket): boolean {
    const opening = this.#opening
    const step = opening?.take(direction, packet)
    if (opening === undefined || step === undefined) return false
    if (step === 'greeting' && opening.system !== undefined) this.#host.system(opening.system)
    if (step === 'tls') this.#host.leave()
    if (step === 'login') {
      if (opening.system !== undefined) this.#host.follow()
      this.#session.database = opening.database
    }
    if (step !== 'authenticate') return true
    this.#opening = undefined
    if (packet.first === OK) this.#session.setStatus(statusOf(packet))
    if (opening.compresses) this.#host.unpack()
    return true
  }

  #wantedOfRequest({ seq, first, length }: PacketHead): number {
    const waiting = this.#waiting.oldest
    if (waiting !== undefined && isTalk(waiting)) return 0
    return seq === 0 && length > 0 ? (formOf(first)?.front ?? -1) : -1
  }

  #onRequest(packet: MysqlPacket, goesOn: boolean, times: FrameTimes): boolean {
    this.#endSkipped()
    const { first, length } = packet
    const oldest = this.#waiting.oldest
    const talk = oldest !== undefined && isTalk(oldest) ? oldest : undefined
    if (talk !== undefined || goesOn) {
      const answered = talk ?? this.#last
      if (answered !== undefined) answered.seq = this.#seqAfter(packet)
      if (talk?.answer.wantsFile === true && length === 0) talk.answer.endFile()
      return true
    }
    const answer = formOf(first)?.answer
    this.#last = undefined
    if (answer === undefined) return false
    if (answer === 'stream') return this.#ignore('mysql_stream')
    if (answer === 'none') return this.#onSilent(packet)
    this.#wait(packet, answer, times)
    return true
  }

  #seqAfter({ seq }: MysqlPacket): number | undefined {
    return this.#isNumbered ? after(seq) : undefined
  }

  #onSilent({ first, body }: MysqlPacket): boolean {
    if (first === COMMAND.close && body.length >= 5) this.#session.close(body.readUInt32LE(1))
    return true
  }

  #ignore(reason: MysqlReason): true {
    this.#host.count(reason)
    this.#host.ignore()
    return true
  }

  #wait(packet: MysqlPacket, kind: AnswerKind, times: FrameTimes): void {
    const { first: command, body, seq } = packet
    const { statement, selects } = this.#session.meaningOf(command, body)
    const { firstNs: startNs, tgid } = times
    const answer = new Answer(kind)
    const waiting = { command, statement, selects, startNs, tgid, answer, seq: after(seq) }
    this.#last = waiting
    if (!this.#waiting.push(waiting)) this.#ignore('too_many_waiting')
  }

  #wantedOfAnswer(head: PacketHead): number {
    const waiting = this.#waiting.oldest
    if (isStray(head, waiting)) return 0
    if (waiting === undefined) return head.first === ERR ? 0 : -1 // said before it hangs up
    if (waiting.seq !== undefined && waiting.seq !== head.seq) return -1
    return waiting.answer.wanted(head)
  }

  #onAnswer(packet: MysqlPacket, goesOn: boolean, times: FrameTimes): boolean {
    const waiting = this.#waiting.oldest
    if (waiting === undefined || isStray(packet, waiting)) return true
    if (waiting.seq !== undefined) waiting.seq = this.#seqAfter(packet)
    if (goesOn) return true
    const step = waiting.answer.take(packet)
    if (step === 'done') {
      this.#waiting.shift()
      this.#done(waiting, times)
    }
    return step !== 'invalid'
  }

  #done(waiting: Waiting, times: Side): void {
    const { command, answer, statement } = waiting
    if (answer.status !== undefined) this.#session.setStatus(answer.status)
    if (hasSpan(waiting)) this.#emit(waiting, times, '')
    if (answer.error !== undefined) return
    if (waiting.selects !== undefined) this.#session.database = waiting.selects
    if (command === COMMAND.changeUser || command === COMMAND.resetConnection) this.#session.reset()
    if (answer.statementId !== undefined && statement !== undefined) {
      this.#session.prepared(answer.statementId, statement)
    }
  }

  /** An answer whose end was not captured is over. */
  #endSkipped(): void {
    const side = this.#skipped
    this.#skipped = undefined
    const waiting = side === undefined ? undefined : this.#waiting.shift()
    if (side === undefined || waiting === undefined || !hasSpan(waiting)) return
    this.#emit(waiting, side, '', true)
  }

  #emit(
    { statement, startNs, answer }: Waiting,
    { lastNs: endNs, tgid }: Side,
    failure: MysqlExchange['failure'],
    uncaptured = false,
  ): void {
    const { error, rows } = answer
    const { database } = this.#session
    const times = { startNs, endNs, tgid }
    this.#host.exchange({ statement, error, failure, database, rows, uncaptured, ...times })
  }
}
