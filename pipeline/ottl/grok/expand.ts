import { didYouMean } from '../../../config/fields.ts'
import { PATTERNS } from './patterns.ts'

const TYPES = {
  int: 'int',
  long: 'int',
  float: 'double',
  double: 'double',
  bool: 'bool',
  boolean: 'bool',
  string: 'string',
} as const

/** What a group of the expression holds. */
export interface Capture {
  readonly field: string
  readonly type: (typeof TYPES)[keyof typeof TYPES]
}

export interface Expanded {
  /** An expression whose groups are `g0`, `g1` and so on, as the captures are numbered. */
  readonly source: string
  readonly captures: readonly Capture[]
}

/** A character after a backslash, `%{SYNTAX:field:type}`, or the begin of a group that has a name. */
const PARTS = /\\.|%\{([\w-]+)(?::([^:}]*))?(?::([^}]*))?\}|\(\?P?<([^>=!][^>]*)>/gs
const MAX_DEPTH = 32
/** More than any log line has; without a bound a few definitions could make billions of letters. */
const MAX_LENGTH = 100_000

/** Puts expressions in the place of names, those of `own` before the known ones. Throws what is wrong. */
export function expandGrok(
  pattern: string,
  own: ReadonlyMap<string, string>,
  namedOnly: boolean,
): Expanded {
  const captures: Capture[] = []
  let length = 0
  const group = (field: string, type: Capture['type']) =>
    `(?P<g${captures.push({ field, type }) - 1}>`
  const expand = (text: string, depth: number): string => {
    length += text.length
    if (depth > MAX_DEPTH) throw new Error('patterns contain each other without end')
    if (length > MAX_LENGTH) throw new Error(`more than ${MAX_LENGTH} characters`)
    return text.replace(PARTS, (all, syntax?: string, field = '', type = '', named?: string) => {
      if (named !== undefined) return group(named, 'string')
      if (syntax === undefined) return all
      const shown = field || (namedOnly ? '' : syntax)
      // Before what is within: groups are numbered in the order in which they open.
      const open = shown === '' ? '(?:' : group(shown, typeOf(type))
      return `${open}${expand(definitionOf(syntax, own), depth + 1)})`
    })
  }
  return { source: expand(pattern, 0), captures }
}

function typeOf(type: string): Capture['type'] {
  if (type === '') return 'string'
  if (Object.hasOwn(TYPES, type)) return TYPES[type as keyof typeof TYPES]
  throw new Error(`unknown type "${type}", allowed are ${Object.keys(TYPES).join(', ')}`)
}

function definitionOf(syntax: string, own: ReadonlyMap<string, string>): string {
  const known = own.get(syntax) ?? (Object.hasOwn(PATTERNS, syntax) ? PATTERNS[syntax] : undefined)
  if (known !== undefined) return known
  const hint = didYouMean(syntax, [...own.keys(), ...Object.keys(PATTERNS)])
  throw new Error(`there is no pattern "${syntax}"${hint}`)
}
