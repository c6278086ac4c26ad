import { SyntaxFault } from './error.ts'
import { type Token, type TokenKind, tokenize } from './lexer.ts'

const END: Token = { kind: 'end', text: '', offset: 0 }

/** The tokens of a text, and how far they are read. */
export class Cursor {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(text: string) {
    this.#tokens = tokenize(text)
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
