import type { Argument, Call, Expression, LambdaNode, Literal, MathNode, PathField } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { SyntaxFault } from './error.ts'
import { unquote } from './lexer.ts'

const MAX_DEPTH = 100 // of expressions within each other

const isSign = (cursor: Cursor, signs: string): boolean =>
  cursor.isKind('sign') && signs.includes(cursor.token.text)

/** A value: `+` and `-` of products of parts. */
export function parseExpression(cursor: Cursor, depth = 0): Expression {
  if (depth > MAX_DEPTH) throw new SyntaxFault(cursor.token.offset, 'nested too deeply')
  return parseSigns(cursor, '+-', () => parseSigns(cursor, '*/', () => parsePart(cursor, depth)))
}

function parseSigns(cursor: Cursor, signs: string, part: () => Expression): Expression {
  let left = part()
  while (isSign(cursor, signs)) {
    const { text, offset } = cursor.next()
    left = mathOf(text as MathNode['op'], left, part(), offset)
  }
  return left
}

/** Throws `SyntaxFault` for what is written out and no number. */
function mathOf(op: MathNode['op'], left: Expression, right: Expression, offset: number): MathNode {
  for (const one of [left, right]) {
    const type = one.kind === 'literal' ? one.value.type : one.kind
    if (!COMPUTED.has(type)) {
      throw new SyntaxFault(one.offset, `"${op}" computes numbers, times and durations, no ${type}`)
    }
  }
  return { kind: 'math', op, left, right, offset }
}

const COMPUTED = new Set(['int', 'double', 'path', 'call', 'word', 'math'])

function parsePart(cursor: Cursor, depth: number): Expression {
  const { kind, text, offset } = cursor.token
  if (kind === 'punctuation') return parseGroup(cursor, depth)
  if (kind === 'sign' && '+-'.includes(text)) return parseSigned(cursor, depth)
  if (kind === 'word') return parseWord(cursor, depth)
  const literal = (value: Literal['value']): Literal => {
    cursor.next()
    return { kind: 'literal', value, offset }
  }
  switch (kind) {
    case 'string':
      return literal({ type: 'string', value: unquote(cursor.token) })
    case 'int':
      return literal({ type: 'int', value: intOf(text, offset) })
    case 'float':
      return literal({ type: 'double', value: Number(text) })
    case 'bytes':
      return literal({ type: 'bytes', value: bytesOf(text, offset) })
    default:
      return cursor.unexpected('a value')
  }
}

const MAX_INT = 2n ** 63n

function intOf(text: string, offset: number): bigint {
  const value = BigInt(text)
  if (value <= MAX_INT) return value
  throw new SyntaxFault(offset, `${text} does not fit into 64 bits`)
}

function bytesOf(text: string, offset: number): Uint8Array {
  const digits = text.slice(2)
  if (digits.length % 2 === 0) return Buffer.from(digits, 'hex')
  throw new SyntaxFault(offset, `${text} has an odd number of digits`)
}

/** A sign before a number belongs to it; another value is taken from 0. */
function parseSigned(cursor: Cursor, depth: number): Expression {
  const { text: sign, offset } = cursor.next()
  const number = cursor.token
  if (number.kind !== 'int' && number.kind !== 'float') {
    if (number.kind === 'sign') cursor.unexpected('a value')
    const right = parsePart(cursor, depth + 1)
    const left: Literal = { kind: 'literal', value: { type: 'int', value: 0n }, offset }
    return sign === '-' ? mathOf('-', left, right, offset) : right
  }
  cursor.next()
  const negative = sign === '-'
  if (number.kind === 'float') {
    const value = Number(number.text)
    return { kind: 'literal', value: { type: 'double', value: negative ? -value : value }, offset }
  }
  const value = intOf(number.text, number.offset)
  return { kind: 'literal', value: { type: 'int', value: negative ? -value : value }, offset }
}

function parseGroup(cursor: Cursor, depth: number): Expression {
  const { offset } = cursor.token
  if (cursor.is('(') && cursor.afterGroup().kind === 'arrow') return parseLambda(cursor, depth)
  if (cursor.accept('(')) {
    const inner = parseExpression(cursor, depth + 1)
    cursor.expect(')')
    return inner
  }
  if (cursor.accept('[')) {
    const items = parseItems(cursor, ']', () => parseExpression(cursor, depth + 1))
    return { kind: 'list', items, offset }
  }
  if (!cursor.accept('{')) cursor.unexpected('a value')
  const entries = parseItems(cursor, '}', () => {
    if (!cursor.isKind('string')) cursor.unexpected('a key in quotes')
    const key = unquote(cursor.next())
    cursor.expect(':')
    return { key, value: parseExpression(cursor, depth + 1) }
  })
  return { kind: 'map', entries, offset }
}

function parseLambda(cursor: Cursor, depth: number): LambdaNode {
  const { offset } = cursor.expect('(')
  const parameters = parseItems(cursor, ')', () => {
    if (!/^[a-z_][a-z0-9_]*$/.test(cursor.token.text)) cursor.unexpected('the name of a parameter')
    return cursor.next().text
  })
  cursor.expect('=>')
  const body = cursor.lambdaBody(() => parseExpression(cursor, depth + 1))
  return { kind: 'lambda', parameters, body, offset }
}

/** Items with commas between them, up to and with `end`. */
function parseItems<T>(cursor: Cursor, end: string, item: () => T): readonly T[] {
  const items: T[] = []
  while (!cursor.accept(end)) {
    if (items.length > 0) cursor.expect(',')
    items.push(item())
  }
  return items
}

const CONSTANTS: Readonly<Record<string, Literal['value']>> = {
  nil: { type: 'nil' },
  true: { type: 'bool', value: true },
  false: { type: 'bool', value: false },
}

function parseWord(cursor: Cursor, depth: number): Expression {
  const { text, offset } = cursor.token
  const constant = CONSTANTS[text]
  if (constant !== undefined) {
    cursor.next()
    return { kind: 'literal', value: constant, offset }
  }
  if (cursor.peek(1).text === '(' && cursor.peek(1).kind === 'punctuation') {
    if (/^[a-z_]/.test(text)) {
      throw new SyntaxFault(offset, `"${text}" is an editor, which gives no value`)
    }
    return parseCall(cursor, depth)
  }
  if (/^[A-Z]/.test(text)) {
    cursor.next()
    return { kind: 'word', name: text, offset }
  }
  return { kind: 'path', fields: parseFields(cursor, depth), offset }
}

function parseFields(cursor: Cursor, depth: number): PathField[] {
  const fields: PathField[] = []
  do {
    const { kind, text, offset } = cursor.token
    if (kind !== 'word') cursor.unexpected('the name of a field')
    cursor.next()
    fields.push({ name: text, keys: parseKeys(cursor, depth), offset })
  } while (cursor.accept('.'))
  return fields
}

function parseKeys(cursor: Cursor, depth: number): Expression[] {
  const keys: Expression[] = []
  while (cursor.accept('[')) {
    keys.push(parseExpression(cursor, depth + 1))
    cursor.expect(']')
  }
  return keys
}

/** `Name(arguments)[keys]` of a converter, or an editor's without keys. */
export function parseCall(cursor: Cursor, depth = 0): Call {
  const { text: name, offset } = cursor.next()
  cursor.expect('(')
  const args = parseItems(cursor, ')', () => parseArgument(cursor, depth + 1))
  const positional = args.findIndex((one, i) => one.name === undefined && args[i - 1]?.name)
  const late = args[positional]
  if (late !== undefined) {
    throw new SyntaxFault(late.offset, 'an argument without a name after one that has a name')
  }
  return { kind: 'call', name, args, keys: parseKeys(cursor, depth), offset }
}

function parseArgument(cursor: Cursor, depth: number): Argument {
  const { kind, text, offset } = cursor.token
  const named = kind === 'word' && cursor.peek(1).text === '='
  if (named) {
    cursor.next()
    cursor.next()
  }
  const value = parseExpression(cursor, depth)
  return { name: named ? text : undefined, value, offset }
}
