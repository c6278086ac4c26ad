import { SyntaxFault } from './error.ts'

export type TokenKind =
  | 'bytes'
  | 'float'
  | 'int'
  | 'string'
  | 'word'
  | 'comparison'
  | 'arrow'
  | 'sign'
  | 'punctuation'
  | 'end'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  /** Of its first character. */
  readonly offset: number
}

/** Tried in this order at each place. Source: the lexer of the OpenTelemetry Transformation Language. */
const RULES: readonly (readonly [kind: TokenKind | 'blank', rule: RegExp])[] = [
  ['blank', /\s+/y],
  ['bytes', /0x[0-9a-fA-F]+/y],
  ['float', /(\d+\.\d*|\.\d+)([eE][-+]?\d+)?/y],
  ['int', /\d+/y],
  ['string', /"(\\.|[^\\"])*"/sy],
  ['arrow', /=>/y],
  ['comparison', /==|!=|>=|<=|>|</y],
  ['sign', /[-+*/]/y],
  ['word', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['punctuation', /[,.()[\]{}:=]/y],
]

/** Throws `SyntaxFault` at the first character that begins nothing. The last token is `end`. */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = []
  for (let offset = 0; offset < source.length; ) {
    const token = tokenAt(source, offset)
    if (token.kind !== 'blank') tokens.push(token as Token)
    offset += token.text.length
  }
  tokens.push({ kind: 'end', text: '', offset: source.length })
  return tokens
}

function tokenAt(source: string, offset: number) {
  for (const [kind, rule] of RULES) {
    rule.lastIndex = offset
    const [text] = rule.exec(source) ?? []
    if (text !== undefined) return { kind, text, offset }
  }
  const found = source[offset]
  const message =
    found === '"' ? 'this text has no closing quote' : `unexpected ${JSON.stringify(found)}`
  throw new SyntaxFault(offset, message)
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
}

const ESCAPE = /\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)/gs

/** What a quoted text means: the escapes are Go's. */
export function unquote({ text, offset }: Token): string {
  const inner = text.slice(1, -1)
  if (!inner.includes('\\')) return inner
  return inner.replaceAll(ESCAPE, (_, found: string, at: number) => {
    if (/^[xuU]./.test(found)) return String.fromCodePoint(Number.parseInt(found.slice(1), 16))
    if (/^[0-7]{3}/.test(found)) return String.fromCodePoint(Number.parseInt(found, 8))
    const meant = ESCAPES[found]
    if (meant !== undefined) return meant
    const hint = `write "\\\\${found}" for a backslash`
    throw new SyntaxFault(offset + 1 + at, `"\\${found}" is no escape of a text, ${hint}`)
  })
}
