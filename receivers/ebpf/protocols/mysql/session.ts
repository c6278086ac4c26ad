import { remember } from '../../remember.ts'
import { MYSQL, MYSQL_NO_ESCAPES } from '../sql/dialects.ts'
import { type Statement, statementOf } from '../sql/statement.ts'
import { COMMAND, queryText, statementText, usedDatabase } from './command.ts'
import { changedDatabase } from './handshake.ts'
import { STATUS } from './packet.ts'

/** MariaDB: the statement that was prepared last, whose number the client need not know yet. */
const LAST_PREPARED = 0xff_ff_ff_ff

/** What a command is about. */
export interface Meaning {
  readonly statement: Statement | undefined
  /** The database that is selected once the answer is OK; undefined if it stays. */
  readonly selects: string | undefined
}

const NOTHING: Meaning = { statement: undefined, selects: undefined }

/** What holds on one connection from one command to the next. */
export class Session {
  /** Undefined when it is not known; '' when none is selected. */
  database: string | undefined
  readonly #prepared = new Map<number, Statement>()
  #lastPrepared: Statement | undefined
  #status = 0

  meaningOf(command: number, body: Buffer): Meaning {
    switch (command) {
      case COMMAND.query:
        return this.#meaningOfQuery(queryText(body))
      case COMMAND.prepare: {
        this.#lastPrepared = this.#read(statementText(body, 1))
        return { statement: this.#lastPrepared, selects: undefined }
      }
      case COMMAND.execute:
      case COMMAND.bulkExecute: {
        const id = body.length < 5 ? -1 : body.readUInt32LE(1)
        return { statement: this.#statementOf(id), selects: undefined }
      }
      case COMMAND.initDb:
        return { statement: undefined, selects: body.toString('utf8', 1) }
      case COMMAND.changeUser:
        return { statement: undefined, selects: changedDatabase(body) }
      default:
        return NOTHING
    }
  }

  #meaningOfQuery(sql: string | undefined): Meaning {
    if (sql === undefined) return NOTHING
    return { statement: this.#read(sql), selects: usedDatabase(sql) }
  }

  #read(sql: string): Statement {
    const escapes = !(this.#status & STATUS.noBackslashEscapes)
    return statementOf(sql, escapes ? MYSQL : MYSQL_NO_ESCAPES)
  }

  /** As the server said it last. */
  setStatus(status: number): void {
    this.#status = status
  }

  prepared(id: number, statement: Statement): void {
    remember(this.#prepared, id, statement)
  }

  /** Undefined when it was prepared where nobody saw it. */
  #statementOf(id: number): Statement | undefined {
    return id === LAST_PREPARED ? this.#lastPrepared : this.#prepared.get(id)
  }

  close(id: number): void {
    this.#prepared.delete(id)
  }

  /** The server forgets what was prepared. */
  reset(): void {
    this.#prepared.clear()
    this.#lastPrepared = undefined
  }

  /** Bytes were missed. What was prepared stays: no server gives a number twice on one connection. */
  miss(): void {
    this.database = undefined
    this.#lastPrepared = undefined
  }
}
