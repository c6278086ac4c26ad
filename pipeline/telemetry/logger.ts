import type { Logger } from '../component.ts'

export const LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type Level = (typeof LEVELS)[number]

export type Fields = Readonly<Record<string, unknown>>

/** One message before it is written. */
export interface Entry {
  readonly date: Date
  readonly level: Level
  readonly message: string
  readonly fields: Fields
}

export interface LoggerOptions {
  readonly level: Level
  readonly encoding: 'console' | 'json'
  /** Takes one line with its end. */
  readonly write: (line: string) => void
  /** Wall time, for the line's beginning. */
  readonly date: () => Date
  /** On every line. */
  readonly fields?: Fields
  /** The version that stands beside who speaks; left away, nobody is named. */
  readonly callerVersion?: string
  /** Which errors show their stack: those that are bugs, or all from `warn` on. */
  readonly stacks?: 'bugs' | 'all'
  /** Whether it is one of too many equal messages. */
  readonly drops?: (level: Level, message: string) => boolean
  /** Takes what is written, for another way out. */
  readonly tee?: (entry: Entry) => void
}

interface Line extends Entry {
  readonly caller: string | undefined
}

const encodings: Record<LoggerOptions['encoding'], (line: Line) => string> = {
  console({ date, level, caller, message, fields }) {
    const parts = [date.toISOString(), level, ...(caller ? [caller] : []), printable(message)]
    if (Object.keys(fields).length > 0) parts.push(stringify(fields))
    return `${parts.join('\t')}\n`
  },
  json: ({ date, level, caller, message, fields }) =>
    `${stringify({
      level,
      ts: date.toISOString(),
      ...(caller && { caller }),
      msg: message,
      ...fields,
    })}\n`,
}

/** Lines as the Collector writes them: tabs between time, level, caller, message and JSON fields, or all of it JSON. */
export function createLogger(options: LoggerOptions): Logger {
  const encode = encodings[options.encoding]
  const least = LEVELS.indexOf(options.level)
  const log = (level: Level) => (message: string, fields?: Fields) => {
    if (LEVELS.indexOf(level) < least || options.drops?.(level, message)) return
    const stack = options.stacks && stackOf(level, fields, options.stacks)
    const entry: Entry = {
      date: options.date(),
      level,
      message,
      fields: { ...options.fields, ...fields, ...(stack && { stacktrace: stack }) },
    }
    const { callerVersion } = options
    const caller = callerVersion && `${callerOf(fields)}@v${callerVersion}`
    options.write(encode({ ...entry, caller }))
    options.tee?.(entry)
  }
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
}

/** `otlphttpexporter` for the exporter `otlp_http/primary`, as the Collector's packages are named. */
function callerOf(fields: Fields = {}): string {
  const { 'otelcol.component.kind': kind, 'otelcol.component.id': id } = fields
  if (typeof kind !== 'string' || typeof id !== 'string') return 'service'
  return `${id.split('/', 1)[0]?.replaceAll('_', '')}${kind}`
}

const BUGS = [TypeError, RangeError, ReferenceError, SyntaxError]

/** An error that somebody foresaw says everything in its message. */
function stackOf(
  level: Level,
  fields: Fields | undefined,
  which: 'bugs' | 'all',
): string | undefined {
  if (level !== 'error' && (level !== 'warn' || which === 'bugs')) return undefined
  const errors = Object.values(fields ?? {}).filter((field) => field instanceof Error)
  return errors.find((error) => which === 'all' || BUGS.some((bug) => error instanceof bug))?.stack
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
