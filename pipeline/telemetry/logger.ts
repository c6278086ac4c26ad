import type { Logger } from '../component.ts'

export const LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type Level = (typeof LEVELS)[number]

export type Fields = Readonly<Record<string, unknown>>

export interface LoggerOptions {
  readonly level: Level
  readonly encoding: 'console' | 'json'
  /** Takes one line with its end. */
  readonly write: (line: string) => void
  /** Wall time, for the line's beginning. */
  readonly date: () => Date
  /** On every line. */
  readonly fields?: Fields
}

type Encode = (date: Date, level: Level, message: string, fields: Fields) => string

const encodings: Record<LoggerOptions['encoding'], Encode> = {
  console(date, level, message, fields) {
    const parts = [date.toISOString(), level, printable(message)]
    if (Object.keys(fields).length > 0) parts.push(stringify(fields))
    return `${parts.join('\t')}\n`
  },
  json: (date, level, message, fields) =>
    `${stringify({ level, ts: date.toISOString(), msg: message, ...fields })}\n`,
}

/** Lines as the Collector writes them: tabs between time, level, message and JSON fields, or all of it JSON. */
export function createLogger(options: LoggerOptions): Logger {
  const encode = encodings[options.encoding]
  const least = LEVELS.indexOf(options.level)
  const log = (level: Level) => (message: string, fields?: Fields) => {
    if (LEVELS.indexOf(level) < least) return
    options.write(encode(options.date(), level, message, { ...options.fields, ...fields }))
  }
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
}

/** The same logger with more fields on every line. */
export function withFields(log: Logger, more: Fields): Logger {
  return {
    debug: (message, fields) => log.debug(message, { ...more, ...fields }),
    info: (message, fields) => log.info(message, { ...more, ...fields }),
    warn: (message, fields) => log.warn(message, { ...more, ...fields }),
    error: (message, fields) => log.error(message, { ...more, ...fields }),
  }
}

/** What a span or a server said must not reach a terminal as control sequences. */
const printable = (message: string) =>
  message.replace(
    /[^\P{Cc}\n\t]/gu,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )

/** Errors by their message and causes; what JSON cannot say (a cycle, a bigint) as text. */
function stringify(value: unknown): string {
  const replace = (_key: string, member: unknown) => {
    if (member instanceof Error) return describe(member)
    return typeof member === 'bigint' ? String(member) : member
  }
  try {
    return JSON.stringify(value, replace)
  } catch (error) {
    return JSON.stringify({ unprintable: String(error) })
  }
}

/** The message of an error and those of its causes, each said once. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause === undefined) return error.message
  const cause = describe(error.cause)
  return error.message.includes(cause) ? error.message : `${error.message}: ${cause}`
}
