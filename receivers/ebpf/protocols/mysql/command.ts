import type { AnswerKind } from './answer.ts'

/** The first byte of a client's packet. Source: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_command_phase.html */
export const COMMAND = {
  quit: 0x01,
  initDb: 0x02,
  query: 0x03,
  binlogDump: 0x12,
  changeUser: 0x11,
  tableDump: 0x13,
  prepare: 0x16,
  execute: 0x17,
  close: 0x19,
  binlogDumpGtid: 0x1e,
  resetConnection: 0x1f,
  /** MariaDB's: one statement, many rows of parameters. */
  bulkExecute: 0xfa,
} as const

interface CommandForm {
  readonly answer: AnswerKind | 'none' | 'stream'
  /** Bytes of it that matter. */
  readonly front: number
}

/** What is read of a statement, with what stands in front of it. */
export const STATEMENT_BYTES = 8192 + 3
const NAME_BYTES = 256
const ID_BYTES = 5

const one: CommandForm = { answer: 'one', front: 1 }
const none: CommandForm = { answer: 'none', front: ID_BYTES }
const rows: CommandForm = { answer: 'rows', front: 1 }
const stream: CommandForm = { answer: 'stream', front: 1 }

const FORMS: Readonly<Record<number, CommandForm>> = {
  [COMMAND.quit]: none,
  [COMMAND.initDb]: { answer: 'one', front: 1 + NAME_BYTES },
  [COMMAND.query]: { answer: 'result', front: STATEMENT_BYTES },
  4: rows, // fields of a table
  5: one, // create a database
  6: one, // drop one
  7: one, // refresh
  8: one, // shut down
  9: one, // statistics
  10: { answer: 'result', front: 1 }, // processes
  12: one, // kill
  13: one, // debug
  14: one, // ping
  [COMMAND.changeUser]: { answer: 'login', front: 1024 },
  [COMMAND.binlogDump]: stream,
  [COMMAND.tableDump]: stream,
  21: one, // register a replica
  [COMMAND.prepare]: { answer: 'prepared', front: STATEMENT_BYTES },
  [COMMAND.execute]: { answer: 'result', front: ID_BYTES },
  24: none, // long data of a parameter
  [COMMAND.close]: none,
  26: one, // reset a statement
  27: one, // an option
  28: rows, // fetch
  [COMMAND.binlogDumpGtid]: stream,
  [COMMAND.resetConnection]: one,
  [COMMAND.bulkExecute]: { answer: 'result', front: ID_BYTES },
}

/** Undefined of what is no command. */
export const formOf = (command: number): CommandForm | undefined => FORMS[command]

/**
 * The text of a COM_QUERY; undefined if attributes of the query stand in front of it, whose form is not followed. Without any, but
 * with room for them, it is two bytes of counts.
 */
export function queryText(body: Buffer): string | undefined {
  const hasCounts = body[1] === 0 && body[2] === 1
  if (!hasCounts && (body[1] ?? 0) < 9 && body[2] === 1) return undefined
  return statementText(body, hasCounts ? 3 : 1)
}

/**
 * The text from `at` on. In some charsets a backslash is the second half of a letter and hides no quote: behind what is no UTF-8
 * nobody knows where a string ends, so the text does.
 */
export function statementText(body: Buffer, at: number): string {
  const text = body.toString('utf8', at)
  const doubtful = text.indexOf('\ufffd\\')
  return doubtful < 0 ? text : text.slice(0, doubtful)
}

/** The database that a statement selects; undefined of others. */
export function usedDatabase(sql: string): string | undefined {
  const [, plain, quoted] = /^\s*use\s+(?:([^\s`;]+)|`((?:[^`]|``)+)`)\s*;?\s*$/i.exec(sql) ?? []
  return plain ?? quoted?.replaceAll('``', '`')
}
