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
const MAX_STATEMENT_CHARS = 8192

const DOLLAR = /\$([A-Za-z_\x80-\uffff][\w\x80-\uffff]*)?\$/y
const NUMBER =
  /(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?|\.\d[\d_]*(?:[eE][+-]?\d+)?)/y
const PARAMETER = /\$\d+|[?]/y
const WORD = /[A-Za-z_\x80-\uffff][\w$\x80-\uffff]*/y

/** What an ASCII character begins in every dialect; `OTHER` where patterns have to tell. */
const [OTHER, BLANK, LETTER, SIGN, DIGIT] = [0, 1, 2, 3, 4]
const BEGINS = classes([
  [BLANK, ' \t\n\r'],
  [LETTER, 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'],
  [SIGN, '(),=;<>+%^~!|[]{}:@&'],
  [DIGIT, '0123456789'],
])
const IN_WORDS = classes([
  [LETTER, 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$'],
])
/** Right behind a word these make a literal or a quoted name of it, as in N'text'. */
const BEHIND_PREFIX = '\'"&'

function classes(rows: readonly (readonly [number, string])[]): Uint8Array {
  const table = new Uint8Array(128)
  for (const [kind, letters] of rows)
    for (const letter of letters) table[letter.charCodeAt(0)] = kind
  return table
}

function wordEnd(text: string, at: number): number {
  let end = at + 1
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end)
    if (code < 128 && IN_WORDS[code] === 0) break
  }
  return end
}

/** Cuts a statement into tokens. Comments go; literals become `?`; what has no end ends with the text. Linear, never throws. */
export function tokenize(sql: string, dialect: Dialect = POSTGRES): Token[] {
  const text = sql.length > MAX_STATEMENT_CHARS ? sql.slice(0, MAX_STATEMENT_CHARS) : sql
  const tokens: Token[] = []
  let at = 0
  let spaced = false
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0]
  }
  const take = (kind: TokenKind, found: string) => {
    tokens.push({ kind, text: kind === 'literal' ? '?' : found, spaced })
    at += found.length
    spaced = false
  }
  while (at < text.length) {
    const begins = BEGINS[text.charCodeAt(at)] ?? OTHER
    const end = begins === LETTER ? wordEnd(text, at) : at
    if (begins === BLANK) {
      at++
      spaced = true
    } else if (end > at && !BEHIND_PREFIX.includes(text[end] ?? ' ')) {
      take('word', text.slice(at, end))
    } else if (begins === SIGN) take('sign', text[at] ?? '')
    else if (begins === DIGIT) take('literal', match(NUMBER) ?? '')
    else {
      const blank = match(dialect.blank) ?? blockComment(text, at, dialect.nestsComments)
      if (blank === undefined) take(...next(match, text, at, dialect))
      else {
        at += blank.length
        spaced = true
      }
    }
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
