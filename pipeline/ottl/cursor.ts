import type { Condition, Expression, LambdaNode } from './ast.ts'
import { SyntaxFault } from './error.ts'
import { type Token, type TokenKind, tokenize } from './lexer.ts'

const END: Token = { kind: 'end', text: '', offset: 0 }

/** Each is read twice if it is a condition, and so are those within it. */
const MAX_LAMBDAS = 8
/** What may follow a lambda. */
const ENDS = [',', ')', ']', '}']

/** The tokens of a text, and how far they are read. */
export class Cursor {
  readonly #tokens: readonly Token[]
  readonly #parseCondition: (cursor: Cursor) => Condition
  #at = 0
  /** How many lambdas are being read, each within the one before. */
  #lambdas = 0

  /** `parseCondition` reads one that may stand within a value. */
  constructor(text: string, parseCondition: (cursor: Cursor) => Condition) {
    this.#tokens = tokenize(text)
    this.#parseCondition = parseCondition
  }

  get token(): Token {
    return this.peek(0)
  }

  peek(ahead: number): Token {
    return this.#tokens[this.#at + ahead] ?? this.#tokens.at(-1) ?? END
  }

  next(): Token {
    const { token } = this
    this.#at += 1
    return token
  }

  is(text: string): boolean {
    const { token } = this
    return token.text === text && token.kind !== 'string'
  }

  isKind(kind: TokenKind): boolean {
    return this.token.kind === kind
  }

  /** Goes on if the next token is that. */
  accept(text: string): boolean {
    const found = this.is(text)
    if (found) this.#at += 1
    return found
  }

  expect(text: string): Token {
    if (!this.is(text)) this.unexpected(`"${text}"`)
    return this.next()
  }

  /** Throws, saying what was found and what should be there. */
  unexpected(wanted: string): never {
    const { kind, text, offset } = this.token
    const found = kind === 'end' ? 'the end of the text' : kind === 'string' ? text : `"${text}"`
    throw new SyntaxFault(offset, `unexpected ${found}, expected ${wanted}`)
  }

  /** The body of a lambda: `value`, unless what follows, or a fault in it, shows that it is a condition. */
  lambdaBody(value: () => Expression): LambdaNode['body'] {
    if (this.#lambdas === MAX_LAMBDAS) {
      throw new SyntaxFault(this.token.offset, `more than ${MAX_LAMBDAS} lambdas within each other`)
    }
    this.#lambdas += 1
    try {
      const start = this.#at
      const alone = this.#valueAlone(value)
      if (alone !== undefined) return alone
      this.#at = start
      return { kind: 'condition', condition: this.#parseCondition(this) }
    } finally {
      this.#lambdas -= 1 // a fault in it may mean that the one around it is a condition
    }
  }

  #valueAlone(parse: () => Expression): LambdaNode['body'] | undefined {
    try {
      const value = parse()
      return ENDS.some((one) => this.is(one)) ? { kind: 'value', value } : undefined
    } catch (error) {
      if (error instanceof SyntaxFault) return undefined
      throw error
    }
  }

  /** The token after the parenthesis that closes the one which is next. */
  afterGroup(): Token {
    let depth = 0
    for (let ahead = 0; ; ahead++) {
      const { kind, text } = this.peek(ahead)
      if (kind === 'end') return this.peek(ahead)
      if (kind === 'string') continue
      if (text === '(') depth += 1
      if (text === ')') depth -= 1
      if (depth === 0) return this.peek(ahead + 1)
    }
  }
}
