import {
  EOF,
  ERR,
  errorOf,
  INFILE,
  isEof,
  lengthAt,
  MAX_PAYLOAD,
  type MysqlPacket,
  OK,
  type PacketHead,
  type ServerError,
  STATUS,
  statusOf,
} from './packet.ts'

/**
 * What a command is answered with: a result (or several), rows up to their end, the columns of what was prepared, a talk about who
 * the client is, or one packet.
 */
export type AnswerKind = 'result' | 'rows' | 'prepared' | 'login' | 'one'

/** Bytes of an answer's packet that may matter: those of OK up to its status, of an error its code. */
const FRONT_BYTES = 32
const MAX_COLUMNS = 4096
/** Of MariaDB: how far it has come, in the form of an error. */
const PROGRESS = 0xff_ff
const DEFINITION = 3 // the length of `def`, which each begins with

/** Reads one command's answer, packet by packet. That some ends are left out since 5.7 shows by itself. */
export class Answer {
  readonly #kind: AnswerKind
  #state: 'first' | 'definitions' | 'rows' | 'infile'
  /** Definitions still to come. */
  #left = 0
  /** The end of the definitions may still come. */
  #mayEnd = false
  /** Undefined without a result that has columns. */
  rows: number | undefined
  error: ServerError | undefined
  /** The server's, as it said it last. */
  status: number | undefined
  /** Of what was prepared. */
  statementId: number | undefined

  constructor(kind: AnswerKind) {
    this.#kind = kind
    this.#state = kind === 'rows' ? 'rows' : 'first'
  }

  /** The server waits for a file. */
  get wantsFile(): boolean {
    return this.#state === 'infile'
  }

  /** What is left of it is definitions and rows. */
  get inRows(): boolean {
    return this.#state === 'rows' || (this.#state === 'definitions' && this.#kind === 'result')
  }

  /** It has not begun. */
  get isUntouched(): boolean {
    return this.#state === 'first' && this.rows === undefined
  }

  /** The file is there, and the answer to it comes. */
  endFile(): void {
    this.#state = 'first'
  }

  /** Bytes of its next packet that matter; fewer than 0: that cannot be. */
  wanted({ first, length }: PacketHead): number {
    if (first < 0) return -1
    if (this.#state === 'rows' && !isEnd(first, length)) return 0
    if (this.#state === 'definitions' && first === DEFINITION) return 0
    return FRONT_BYTES
  }

  take(packet: MysqlPacket): 'more' | 'done' | 'invalid' {
    if (packet.first === ERR) return this.#onError(packet)
    switch (this.#state) {
      case 'first':
        return this.#onFirst(packet)
      case 'definitions':
        return this.#onDefinition(packet)
      case 'rows':
        return this.#onRow(packet)
      default:
        return 'invalid'
    }
  }

  #onError({ body }: MysqlPacket): 'more' | 'done' {
    const error = errorOf(body)
    if (error.code === PROGRESS) return 'more'
    this.error = error
    return 'done'
  }

  #onFirst(packet: MysqlPacket): 'more' | 'done' | 'invalid' {
    switch (this.#kind) {
      case 'login':
        return packet.first === OK ? this.#onOk(packet) : 'more'
      case 'prepared':
        return this.#onPrepared(packet)
      case 'one':
        return packet.first === OK || packet.first === EOF ? this.#onOk(packet) : 'done'
      default:
        return this.#onResult(packet)
    }
  }

  #onResult(packet: MysqlPacket): 'more' | 'done' | 'invalid' {
    if (packet.first === OK) return this.#onOk(packet)
    if (packet.first === INFILE) {
      this.#state = 'infile'
      return 'more'
    }
    const columns = lengthAt(packet.body, 0)
    if (columns === undefined || columns.value > MAX_COLUMNS) return 'invalid'
    // MariaDB says behind it whether the definitions come, or are known from before.
    const known = packet.length === columns.end + 1 && packet.body[columns.end] === 0
    if (packet.length > columns.end + 1) return 'invalid'
    this.rows ??= 0
    this.#define(known ? 0 : columns.value)
    return 'more'
  }

  /**
   *     +---+-------+------------+---------------+
   *     | 0 | id, 4 | columns, 2 | parameters, 2 | ...
   *     +---+-------+------------+---------------+
   */
  #onPrepared({ first, body }: MysqlPacket): 'more' | 'done' | 'invalid' {
    if (first !== OK || body.length < 9) return 'invalid'
    this.statementId = body.readUInt32LE(1)
    this.#define(body.readUInt16LE(5) + body.readUInt16LE(7))
    return this.#left === 0 ? 'done' : 'more'
  }

  #define(count: number): void {
    this.#left = count
    this.#mayEnd = true
    this.#state = count === 0 && this.#kind === 'result' ? 'rows' : 'definitions'
  }

  #onDefinition(packet: MysqlPacket): 'more' | 'done' | 'invalid' {
    if (isEof(packet)) return this.#kind === 'prepared' ? 'more' : 'invalid'
    if (packet.first !== DEFINITION) return 'invalid'
    if (--this.#left > 0) return 'more'
    if (this.#kind === 'prepared') return 'done'
    this.#state = 'rows'
    return 'more'
  }

  #onRow(packet: MysqlPacket): 'more' | 'done' {
    if (!isEnd(packet.first, packet.length)) {
      this.#mayEnd = false
      this.rows = (this.rows ?? 0) + 1
      return 'more'
    }
    if (this.#mayEnd && isEof(packet)) {
      this.#mayEnd = false
      if (!(statusOf(packet) & STATUS.cursorExists)) return 'more'
    }
    return this.#onOk(packet)
  }

  /** The end of a result: is there another? */
  #onOk(packet: MysqlPacket): 'more' | 'done' {
    this.status = statusOf(packet)
    if (!(this.status & STATUS.moreResults)) return 'done'
    this.#state = 'first'
    return 'more'
  }
}

/** A row may begin with the same bytes if it is longer than any packet. */
const isEnd = (first: number, length: number) =>
  first === ERR || (first === EOF && length < MAX_PAYLOAD)

/** Do rows, and the whole answer, end with these last 8 bytes of a call? Undefined if not; else the server's status. */
export function statusAtEnd(tail: Buffer): number | undefined {
  if (tail.length < 8) return undefined
  // 05 00 [00 seq fe warnings status]: the older form, and 07 00 00 [seq fe 0 0 status warnings].
  const older = tail[0] === 0 && tail[1] === 0 && tail[3] === EOF
  const newer = tail[1] === EOF && tail[2] === 0 && tail[3] === 0
  if (!older && !newer) return undefined
  const status = tail.readUInt16LE(older ? 6 : 4)
  return status & STATUS.moreResults ? undefined : status
}
