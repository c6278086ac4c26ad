import { parseDuration } from '../config/duration.ts'
import { nearest } from '../config/nearest.ts'
import type { SpanView } from './span_view.ts'
import { UsageError } from './verb.ts'

export type SpanFilter = (span: SpanView) => boolean

type Value = string | number | boolean

const FIELDS: Readonly<Record<string, (span: SpanView) => Value>> = {
  service: (span) => span.service,
  namespace: (span) => span.namespace,
  pid: (span) => span.pid,
  kind: (span) => span.kind,
  name: (span) => span.name,
  method: (span) => span.method,
  route: (span) => span.route,
  path: (span) => span.path,
  status: (span) => span.status,
  error: (span) => span.error,
  duration: (span) => span.duration_ms,
  trace: (span) => span.trace_id,
}

const compare: Readonly<Record<string, (found: number, wanted: number) => boolean>> = {
  '>': (found, wanted) => found > wanted,
  '>=': (found, wanted) => found >= wanted,
  '<': (found, wanted) => found < wanted,
  '<=': (found, wanted) => found <= wanted,
}

/** Operators of other languages, which would be taken for `=` or `~` and a value that begins oddly, and what is meant. */
const MISWRITTEN: Readonly<Record<string, string>> = {
  '==': '=',
  '=>': '>=',
  '=<': '<=',
  '=~': '~',
  '~=': '~',
}

/** Where the next filter of a word begins: values may have spaces, too. */
const NEXT = /\s+(?=[\w.]+(?:!?[=~]|[<>]))/

/** True if all hold. `<` and `>` are quoted in a shell, and so a word may be several: `'status>=500 path~/api'`. */
export function parseFilters(words: readonly string[]): SpanFilter {
  const filters = words.flatMap((word) => word.trim().split(NEXT)).map(parseFilter)
  return (span) => filters.every((filter) => filter(span))
}

/**
 * One filter as it is written on the command line: `service=cart`, `status>=500`, `duration>100ms`, `path~/api`, `path!~^/health`. A key
 * with a dot is an attribute of the span. Throws `UsageError`.
 */
export function parseFilter(text: string): SpanFilter {
  const [, key = '', operator = '', wanted = ''] =
    /^([\w.]+)(=|!=|~|!~|>=|<=|>|<)(.+)$/.exec(text) ?? []
  if (key === '') {
    throw new UsageError(
      `${JSON.stringify(text)} is no filter`,
      'write service=cart, status>=500, duration>100ms or path~/api',
    )
  }
  refuseMiswritten(key, text)
  const read = fieldOf(key)
  if (operator === '=' || operator === '!=') {
    const same = operator === '='
    return (span) => (String(read(span)) === wanted) === same
  }
  if (operator === '~' || operator === '!~') {
    const pattern = patternOf(wanted, text)
    return (span) => pattern.test(String(read(span))) === (operator === '~')
  }
  const number = numberOf(key, wanted, text)
  const holds = compare[operator] ?? (() => false)
  return (span) => holds(Number(read(span)), number)
}

/** `name=<module>` is none: `=<` stands before a number. */
function refuseMiswritten(key: string, text: string): void {
  const rest = text.slice(key.length)
  const operator = /^(?:==|=>|=<(?=\d)|=~|~=)/.exec(rest)?.[0] ?? ''
  const meant = MISWRITTEN[operator]
  if (meant === undefined) return
  const value = rest.slice(operator.length)
  throw new UsageError(`"${text}": there is no ${operator}`, `write ${key}${meant}${value}`)
}

function fieldOf(key: string): (span: SpanView) => Value {
  const field = Object.hasOwn(FIELDS, key) ? FIELDS[key] : undefined
  if (field !== undefined) return field
  if (key.includes('.')) return (span) => span.attributes[key] ?? ''
  const near = nearest(key, Object.keys(FIELDS))
  const known = Object.keys(FIELDS).join(', ')
  throw new UsageError(
    `unknown field "${key}"`,
    near === undefined
      ? `known are ${known}, and attributes by their names`
      : `did you mean "${near}"?`,
  )
}

function patternOf(pattern: string, text: string): RegExp {
  try {
    return new RegExp(pattern)
  } catch {
    throw new UsageError(`${JSON.stringify(text)}: no regular expression`, 'close its brackets')
  }
}

/** A duration is in milliseconds, or has a unit. */
function numberOf(key: string, wanted: string, text: string): number {
  const plain = Number(wanted)
  if (!Number.isNaN(plain)) return plain
  const duration = key === 'duration' ? parseDuration(wanted) : undefined
  if (typeof duration === 'number') return duration
  throw new UsageError(
    `${JSON.stringify(text)}: expected a number after ${key}`,
    'as in status>=500 or duration>100ms',
  )
}
