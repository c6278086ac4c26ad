import { type Dialect, POSTGRES } from './dialects.ts'

export type TokenKind = 'word' | 'quoted' | 'literal' | 'parameter' | 'sign'

export interface Token {
  readonly kind: TokenKind
  /** Of a word or quoted name as written, of a literal `?`. */
  readonly text: string
  /** White space or a comment stands before it. */
  readonly spaced: boolean
}

/** Statements are cut here before they are read; longer ones are told as far as that. */
export const MAX_STATEMENT_CHARS = 8192

const DOLLAR = /\$([A-Za-z_\x80-\uffff][\w\x80-\uffff]*)?\$/y
const NUMBER =
  /(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?|\.\d[\d_]*(?:[eE][+-]?\d+)?)/y
const PARAMETER = /\$\d+|[?]/y
const WORD = /[A-Za-z_\x80-\uffff][\w$\x80-\uffff]*/y

/** Cuts a statement into tokens. Comments go; literals become `?`; what has no end ends with the text. Linear, never throws. */
export function tokenize(sql: string, dialect: Dialect = POSTGRES): Token[] {
  const text = sql.slice(0, MAX_STATEMENT_CHARS)
  const tokens: Token[] = []
  let at = 0
  let spaced = false
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0]
  }
  while (at < text.length) {
    const blank = match(dialect.blank) ?? blockComment(text, at, dialect.nestsComments)
    if (blank !== undefined) {
      at += blank.length
      spaced = true
      continue
    }
    const [kind, found] = next(match, text, at, dialect)
    tokens.push({ kind, text: kind === 'literal' ? '?' : found, spaced })
    at += found.length
    spaced = false
  }
  return tokens
}

function next(
  match: (pattern: RegExp) => string | undefined,
  text: string,
  at: number,
  dialect: Dialect,
): readonly [TokenKind, string] {
  const dollars = dialect.dollarStrings ? dollarString(match, text, at) : undefined
  const literal = match(dialect.string) ?? dollars ?? match(NUMBER)
  if (literal !== undefined) return ['literal', literal]
  const quoted = match(dialect.quoted)
  if (quoted !== undefined) return ['quoted', quoted]
  const parameter = match(PARAMETER)
  if (parameter !== undefined) return ['parameter', parameter]
  const word = match(WORD)
  return word === undefined ? ['sign', text[at] ?? ''] : ['word', word]
}

function blockComment(text: string, at: number, nests: boolean): string | undefined {
  if (!text.startsWith('/*', at)) return undefined
  if (!nests) {
    const end = text.indexOf('*/', at + 2)
    return end < 0 ? text.slice(at) : text.slice(at, end + 2)
  }
  let depth = 0
  let end = at
  do {
    if (text.startsWith('/*', end)) depth++
    else if (text.startsWith('*/', end)) depth--
    else {
      end++
      continue
    }
    end += 2
  } while (depth > 0 && end < text.length)
  return text.slice(at, end)
}

function dollarString(
  match: (pattern: RegExp) => string | undefined,
  text: string,
  at: number,
): string | undefined {
  const quote = match(DOLLAR)
  if (quote === undefined) return undefined
  const end = text.indexOf(quote, at + quote.length)
  return end < 0 ? text.slice(at) : text.slice(at, end + quote.length)
}
