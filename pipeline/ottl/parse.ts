import type { Call, Condition, Statement } from './ast.ts'
import type { Comparison } from './compare.ts'
import { Cursor } from './cursor.ts'
import { SyntaxFault } from './error.ts'
import { parseCall, parseExpression } from './parse_value.ts'

const MAX_DEPTH = 100 // of parentheses and `not`

/** `editor(arguments) where condition`. Throws `SyntaxFault`. */
export function parseStatement(text: string): Statement {
  const cursor = new Cursor(text, parseWhole)
  const editor = parseEditor(cursor)
  const where = cursor.accept('where') ? parseWhole(cursor) : undefined
  if (!cursor.isKind('end')) cursor.unexpected(where ? 'the end' : '"where" or the end')
  return { editor, where }
}

/** A condition alone. Throws `SyntaxFault`. */
export function parseCondition(text: string): Condition {
  const cursor = new Cursor(text, parseWhole)
  const condition = parseWhole(cursor)
  if (!cursor.isKind('end')) cursor.unexpected('"and", "or" or the end')
  return condition
}

const parseWhole = (cursor: Cursor): Condition => parseOr(cursor, 0)

function parseEditor(cursor: Cursor): Call {
  const { kind, text, offset } = cursor.token
  if (kind !== 'word') cursor.unexpected('an editor like set(...)')
  if (/^[A-Z]/.test(text)) {
    throw new SyntaxFault(
      offset,
      `a statement begins with an editor like set(...), "${text}" is a converter`,
    )
  }
  const call = parseCall(cursor)
  if (call.keys.length > 0) throw new SyntaxFault(offset, `an editor's result has no keys`)
  return call
}

function parseOr(cursor: Cursor, depth: number): Condition {
  return parseJoined(cursor, 'or', () => parseJoined(cursor, 'and', () => parseNot(cursor, depth)))
}

function parseJoined(cursor: Cursor, word: 'and' | 'or', part: () => Condition): Condition {
  const first = part()
  const parts = [first]
  while (cursor.accept(word)) parts.push(part())
  return parts.length === 1 ? first : { kind: word, parts }
}

function parseNot(cursor: Cursor, depth: number): Condition {
  if (depth > MAX_DEPTH) throw new SyntaxFault(cursor.token.offset, 'nested too deeply')
  if (cursor.accept('not')) return { kind: 'not', part: parseNot(cursor, depth + 1) }
  if (cursor.is('(') && !isOperator(cursor.afterGroup())) {
    cursor.next()
    const inner = parseOr(cursor, depth + 1)
    cursor.expect(')')
    return inner
  }
  return parseComparison(cursor)
}

/** Whether a group that is followed by this is a value, not a condition. */
const isOperator = ({ kind }: { readonly kind: string }): boolean =>
  kind === 'comparison' || kind === 'sign'

function parseComparison(cursor: Cursor): Condition {
  const { offset } = cursor.token
  const left = parseExpression(cursor)
  if (cursor.isKind('comparison')) {
    const op = cursor.next().text as Comparison
    return { kind: 'comparison', op, left, right: parseExpression(cursor) }
  }
  if (left.kind === 'call') return { kind: 'converter', call: left }
  if (left.kind === 'literal' && left.value.type === 'bool') {
    return { kind: 'constant', value: left.value.value }
  }
  if (cursor.isKind('end')) cursor.unexpected('a comparison like == after this value')
  if (cursor.is('=')) cursor.unexpected('== to compare')
  throw new SyntaxFault(offset, 'this value alone is no condition, compare it: value == true')
}
