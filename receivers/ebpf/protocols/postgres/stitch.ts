import type { Chunk, Direction, EndReason, ParseResult } from '../../protocol.ts'
import { Queue } from '../chunks/queue.ts'
import type { FrameTimes } from '../chunks/reader.ts'
import type { Dialogue } from '../chunks/stream.ts'
import { type Statement, statementOf } from '../sql/statement.ts'
import { beginsMessages } from './begins.ts'
import {
  CODES,
  cString,
  errorField,
  type Phase,
  type PostgresFrame,
  parseFrame,
  startupParameters,
} from './parse.ts'
import type { PostgresReason } from './reasons.ts'
import { Statements } from './statements.ts'
import { endsTurn, hasSpan, UNANSWERED, type Waiting } from './waiting.ts'

/** A statement that the server was asked to execute, and what came of it. */
export interface PostgresExchange {
  /** Undefined when it was prepared where nobody saw it. */
  readonly statement: Statement | undefined
  /** As the server says it at the end: `SELECT 5`. '' if it did not. */
  readonly completed: string
  /** SQLSTATE; '' without an error. */
  readonly sqlState: string
  readonly failure: '' | 'connection_closed' | 'connection_reset'
  /** '' when the connection is older than weir. */
  readonly database: string
  /** The end of the answer was not captured. */
  readonly uncaptured: boolean
  readonly startNs: number
  readonly endNs: number
  readonly tgid: number
}

export interface PostgresHost {
  exchange(exchange: PostgresExchange): void
  count(reason: PostgresReason, n?: number): void
  ignore(): void
  /** What follows is TLS. */
  leave(): void
}

type Side = Pick<FrameTimes, 'tgid' | 'lastNs'>

/** More than a client sends ahead in pipeline mode. */
const MAX_WAITING = 4096

/** Source: https://www.postgresql.org/docs/17/protocol-flow.html */
export class PostgresDialogue implements Dialogue<PostgresFrame> {
  readonly #host: PostgresHost
  readonly #waiting = new Queue<Waiting>(MAX_WAITING)
  readonly #statements = new Statements()
  #phase: Phase
  #database = ''
  /** When the batch under way began: the first Parse, Bind or Execute since the last Execute. */
  #batchNs: number | undefined
  /** Prepared and not executed yet. */
  #prepared: Statement | undefined
  /** An answer is skipped: what moved last. */
  #skipped: Side | undefined
  /** After an error everything up to the next Sync is skipped. */
  #skips = false

  /** `adopted`: the connection is older than weir, its start is over. */
  constructor(host: PostgresHost, adopted: boolean) {
    this.#host = host
    this.#phase = adopted ? 'messages' : 'startup'
  }

  get waiting(): number {
    return this.#waiting.length
  }

  parse(direction: Direction, bytes: Buffer): ParseResult<PostgresFrame> {
    return parseFrame(direction, this.#phase, bytes)
  }

  begins(direction: Direction, bytes: Buffer): boolean {
    return beginsMessages(direction, bytes)
  }

  frame(direction: Direction, frame: PostgresFrame, times: FrameTimes): boolean {
    if (direction === 'response') return this.#onResponse(frame, times)
    return frame.tag === 'startup' ? this.#onStartup(frame, times) : this.#onRequest(frame, times)
  }

  /** Rows that were not captured, of the one statement that is awaited. */
  skip(direction: Direction): boolean {
    const [waiting, sync, ...more] = this.#waiting.all
    if (direction === 'request' || waiting?.inRows !== true || more.length > 0) return false
    if (waiting.kind === 'execute' ? sync?.kind !== 'sync' : sync !== undefined) return false
    this.#host.count('result_uncaptured')
    this.#skipped = { tgid: waiting.tgid, lastNs: waiting.startNs }
    return true
  }

  skipped({ tail, tgid, lastNs }: Chunk): void {
    if (this.#skipped === undefined) return
    this.#skipped = { tgid, lastNs }
    if (endsTurn(tail)) this.#endSkipped()
  }

  #endSkipped(): void {
    const side = this.#skipped
    this.#skipped = undefined
    if (side === undefined) return
    const [waiting] = this.#waiting.takeAll()
    if (waiting === undefined || !hasSpan(waiting)) return
    this.#emit(waiting, side.lastNs, side.tgid, '', true)
  }

  drop(): number {
    this.#phase = 'messages'
    this.#skipped = undefined
    this.#statements.clear()
    this.#batchNs = undefined
    this.#prepared = undefined
    this.#skips = false
    return this.#waiting.takeAll().filter(hasSpan).length
  }

  end(reason: EndReason, ns: number): void {
    this.#endSkipped()
    const failure = reason === 'reset' ? 'connection_reset' : 'connection_closed'
    for (const waiting of this.#waiting.takeAll().filter(hasSpan)) {
      this.#emit(waiting, ns, waiting.tgid, waiting.sqlState === '' ? failure : '')
    }
  }

  #onStartup({ body }: PostgresFrame, times: FrameTimes): boolean {
    const code = body.readUInt32BE(0)
    if (code === CODES.tls || code === CODES.gss) {
      this.#phase = 'tls'
      return true
    }
    const parameters = startupParameters(body)
    if (code === CODES.cancel || parameters.has('replication')) return this.#ignore()
    if (code >>> 16 !== 3 || !parameters.has('user')) return false
    this.#database = parameters.get('database') ?? parameters.get('user') ?? ''
    this.#phase = 'messages'
    return this.#wait('startup', undefined, times)
  }

  #ignore(): true {
    this.#host.count('postgres_stream')
    this.#host.ignore()
    return true
  }

  #onRequest({ tag, body }: PostgresFrame, times: FrameTimes): boolean {
    this.#endSkipped()
    switch (tag) {
      case 'Q':
        return this.#wait('query', statementOf(body.toString('utf8').replace(/\0$/, '')), times)
      case 'F':
        return this.#wait('query', undefined, times)
      case 'P':
        return this.#onParse(body, times)
      case 'B':
        return this.#onBind(body, times)
      case 'E':
        return this.#onExecute(cString(body, 0) ?? '', times)
      case 'C':
        this.#statements.close(String.fromCharCode(body[0] ?? 0), cString(body, 1) ?? '')
        return true
      case 'S':
        return this.#onSync(times)
      default:
        return true
    }
  }

  #onParse(body: Buffer, times: FrameTimes): boolean {
    const name = cString(body, 0)
    if (name === undefined) return false
    this.#batchNs ??= times.firstNs
    const sql = body.toString('utf8', Buffer.byteLength(name) + 1).split('\0', 1)[0] ?? ''
    this.#prepared = this.#statements.prepare(name, sql)
    return true
  }

  #onBind(body: Buffer, times: FrameTimes): boolean {
    const portal = cString(body, 0)
    const name = portal === undefined ? undefined : cString(body, Buffer.byteLength(portal) + 1)
    if (portal === undefined || name === undefined) return false
    this.#batchNs ??= times.firstNs
    this.#statements.bind(portal, name)
    return true
  }

  #onExecute(portal: string, times: FrameTimes): boolean {
    const firstNs = this.#batchNs ?? times.firstNs
    this.#batchNs = undefined
    this.#prepared = undefined
    const { statement, isBegun } = this.#statements.execute(portal)
    return this.#wait('execute', statement, { ...times, firstNs }, isBegun)
  }

  #onSync(times: FrameTimes): boolean {
    const firstNs = this.#batchNs ?? times.firstNs
    const prepared = this.#prepared
    this.#batchNs = undefined
    this.#prepared = undefined
    return this.#wait('sync', prepared, { ...times, firstNs })
  }

  #wait(
    kind: Waiting['kind'],
    statement: Statement | undefined,
    { firstNs: startNs, tgid }: FrameTimes,
    goesOn = false,
  ): boolean {
    const waiting: Waiting = { kind, statement, startNs, tgid, ...UNANSWERED, goesOn }
    if (this.#waiting.push(waiting)) return true
    this.#host.count('too_many_waiting')
    this.#host.ignore()
    return true
  }

  #onResponse({ tag, body }: PostgresFrame, times: FrameTimes): boolean {
    const waiting = this.#waiting.oldest
    if (tag === 'tls') return this.#onTlsAnswer(body)
    if (tag === 'Z') return this.#onReady(times)
    if (waiting === undefined) return 'NASE'.includes(tag) // said unasked, at any time
    if (tag === 'D') waiting.inRows = true
    if (tag === 'E') return this.#onError(errorField(body, 'C'), times)
    if (tag === 'C' || tag === 's' || tag === 'I') {
      waiting.completed ||= cString(body, 0) ?? ''
      return waiting.kind === 'query' || this.#complete(times)
    }
    return true
  }

  /** `N`: in the clear, then. Else what follows is TLS, whose plaintext is a connection of its own. */
  #onTlsAnswer(body: Buffer): boolean {
    this.#phase = 'startup'
    if (body[0] !== 0x4e) this.#host.leave()
    return true
  }

  /** An Execute is answered. */
  #complete(times: FrameTimes): boolean {
    const waiting = this.#waiting.oldest
    if (waiting?.kind !== 'execute') return false
    this.#waiting.shift()
    if (hasSpan(waiting)) this.#emit(waiting, times.lastNs, times.tgid, '')
    return true
  }

  #onError(sqlState: string, times: FrameTimes): boolean {
    const waiting = this.#waiting.oldest
    if (waiting === undefined || this.#skips) return true
    waiting.sqlState = sqlState
    this.#skips = waiting.kind === 'execute'
    return waiting.kind !== 'execute' || this.#complete(times)
  }

  /** The end of a query, of all up to a Sync, or of the start. */
  #onReady(times: FrameTimes): boolean {
    this.#skips = false
    for (
      let waiting = this.#waiting.shift();
      waiting !== undefined;
      waiting = this.#waiting.shift()
    ) {
      if (waiting.kind === 'execute') {
        if (hasSpan(waiting)) this.#host.count('postgres_skipped')
        continue
      }
      if (hasSpan(waiting)) this.#emit(waiting, times.lastNs, times.tgid, '')
      return true
    }
    return false
  }

  #emit(
    { statement, completed, sqlState, startNs }: Waiting,
    endNs: number,
    tgid: number,
    failure: PostgresExchange['failure'],
    uncaptured = false,
  ): void {
    const database = this.#database
    const times = { startNs, endNs, tgid }
    this.#host.exchange({ statement, completed, sqlState, failure, database, uncaptured, ...times })
  }
}
