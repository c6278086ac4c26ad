import { type Dialect, POSTGRES } from './dialects.ts'
import { type Token, tokenize } from './tokens.ts'

/** What may be told of a statement: no literal is in it. */
export interface Statement {
  /** With `?` for each literal, and for a list of them. */
  readonly text: string
  /** Operations and what they work on, in order: `SELECT songs artists`. */
  readonly summary: string
}

const MAX_TEXT_CHARS = 2048
/** Source: https://opentelemetry.io/docs/specs/semconv/db/database-spans/#generating-a-summary-of-the-query */
const MAX_SUMMARY_CHARS = 255

const OPERATIONS = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'REPLACE'])
/** Behind these an operation is part of a clause: FOR UPDATE, ON DUPLICATE KEY UPDATE, ON DELETE CASCADE. */
const BEFORE_CLAUSES = new Set(['FOR', 'DO', 'KEY', 'ON'])
/** With a parenthesis behind, functions of MySQL. */
const FUNCTIONS = new Set(['INSERT', 'REPLACE'])
/** These say what kind of thing they work on: CREATE TABLE. */
const DEFINITIONS = new Set(['CREATE', 'ALTER', 'DROP'])
const KINDS = new Set(
  'TABLE INDEX VIEW DATABASE SCHEMA SEQUENCE FUNCTION PROCEDURE TRIGGER TYPE ROLE USER EXTENSION'.split(
    ' ',
  ),
)
/** What follows names what is worked on. */
const BEFORE_TARGETS = new Set([
  'FROM',
  'JOIN',
  'INTO',
  'UPDATE',
  'TABLE',
  'USING',
  'COPY',
  'TRUNCATE',
  'CALL',
])
/** Words that may stand between. */
const FILLERS = new Set([
  'ONLY',
  'LATERAL',
  'TABLE',
  'IF',
  'NOT',
  'EXISTS',
  'CONCURRENTLY',
  'OR',
  'IGNORE',
])
/** A name cannot be one of these without quotes. */
const NO_NAMES = new Set(
  'SELECT WHERE SET VALUES ON GROUP ORDER LIMIT UNION WITH AS FROM JOIN USING RETURNING DEFAULT INTO AND OR STDIN STDOUT PROGRAM'.split(
    ' ',
  ),
)
const LITERAL_LIST = /\((\?|\$\d+)(?:, ?(?:\?|\$\d+))+\)/g
const LIST_OF_LISTS = /\(\?\)(?:, ?\(\?\))+/g

/** Statements are the same again and again but for their literals: what is known of short ones is kept, and forgotten together. */
const MAX_KNOWN = 512
const MAX_KNOWN_CHARS = 512
const known = new Map<Dialect, Map<string, Statement>>()

/** What a statement says once its literals are gone. */
export function statementOf(sql: string, dialect: Dialect = POSTGRES): Statement {
  const tokens = tokenize(sql, dialect)
  const text = textOf(tokens)
  if (text.length > MAX_KNOWN_CHARS) return read(text, tokens)
  const ofDialect = known.get(dialect) ?? new Map<string, Statement>()
  known.set(dialect, ofDialect)
  const found = ofDialect.get(text)
  if (found !== undefined) return found
  if (ofDialect.size >= MAX_KNOWN) ofDialect.clear()
  const statement = read(text, tokens)
  ofDialect.set(text, statement)
  return statement
}

/** With a `?` for each literal. */
function textOf(tokens: readonly Token[]): string {
  let text = ''
  for (const token of tokens) {
    if (text.length > 2 * MAX_TEXT_CHARS) break
    text += token.spaced && text !== '' ? ` ${token.text}` : token.text
  }
  return text
}

const read = (text: string, tokens: readonly Token[]): Statement => ({
  text: text.replace(LITERAL_LIST, '(?)').replace(LIST_OF_LISTS, '(?)').slice(0, MAX_TEXT_CHARS),
  summary: summaryOf(tokens),
})

const upper = (token: Token | undefined) => (token?.kind === 'word' ? token.text.toUpperCase() : '')

function summaryOf(tokens: readonly Token[]): string {
  const words: string[] = []
  let expects = false
  for (let at = 0; at < tokens.length && words.length < 64; at++) {
    const word = upper(tokens[at])
    if (DEFINITIONS.has(word) && words.length === 0) {
      const kind = tokens
        .slice(at, at + 6)
        .map(upper)
        .find((one) => KINDS.has(one))
      words.push(kind === undefined ? word : `${word} ${kind}`)
      expects = kind !== undefined
      while (kind !== undefined && upper(tokens[at]) !== kind) at++
    } else if (OPERATIONS.has(word) && BEFORE_CLAUSES.has(upper(tokens[at - 1]))) {
      expects = false
    } else if (OPERATIONS.has(word) && !(FUNCTIONS.has(word) && tokens[at + 1]?.text === '(')) {
      words.push(word)
      expects = word === 'UPDATE'
    } else if (words.length === 0 && word !== 'WITH' && isStart(tokens, at)) {
      words.push(word)
      expects = BEFORE_TARGETS.has(word)
    } else if (BEFORE_TARGETS.has(word)) expects = tokens[at + 1]?.text !== '('
    else if (expects && !FILLERS.has(word)) {
      const end = nameEnd(tokens, at)
      if (end > at)
        words.push(
          tokens
            .slice(at, end)
            .map(({ text }) => text)
            .join(''),
        )
      at = Math.max(at, end - 1)
      expects = tokens[afterAlias(tokens, at + 1)]?.text === ','
      if (expects) at = afterAlias(tokens, at + 1)
    }
  }
  return cut(words)
}

/** The first word, but for one of those that begin a statement of others. */
const isStart = (tokens: readonly Token[], at: number) => at === 0 && upper(tokens[0]) !== ''

/** Behind a name of parts with dots; `at` if there is none. */
function nameEnd(tokens: readonly Token[], at: number): number {
  const isName = (token: Token | undefined) =>
    token?.kind === 'quoted' || (token?.kind === 'word' && !NO_NAMES.has(upper(token)))
  if (!isName(tokens[at])) return at
  let end = at + 1
  while (tokens[end]?.text === '.' && isName(tokens[end + 1])) end += 2
  return end
}

/** Where it goes on behind `AS alias` or `alias`. */
function afterAlias(tokens: readonly Token[], at: number): number {
  const begin = upper(tokens[at]) === 'AS' ? at + 1 : at
  return nameEnd(tokens, begin) > begin ? begin + 1 : begin
}

/** Whole words only. */
function cut(words: readonly string[]): string {
  let summary = ''
  for (const word of words) {
    const longer = summary === '' ? word : `${summary} ${word}`
    if (longer.length > MAX_SUMMARY_CHARS) break
    summary = longer
  }
  return summary
}
