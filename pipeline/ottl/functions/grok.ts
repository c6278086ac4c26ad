import type { AnyValue, Attribute } from '../../data/attributes.ts'
import { messageOf } from '../../message_of.ts'
import { compileExpression, type Expression } from '../../regexp.ts'
import type { Arguments, Read } from '../arguments.ts'
import { EvaluationError } from '../error.ts'
import { converter } from '../function.ts'
import { type Capture, expandGrok } from '../grok/expand.ts'
import { bool, double, int, integer, kvlist, text } from '../value.ts'

interface Grok {
  readonly expression: Expression
  readonly captures: readonly Capture[]
}

/** Patterns that come from items, each compiled once while it stays. */
const MAX_KEPT = 64

/** Source: https://www.elastic.co/guide/en/logstash/current/plugins-filters-grok.html */
export const extractGrokPatterns = converter(
  'ExtractGrokPatterns',
  ['target', 'pattern', 'named_captures_only?', 'pattern_definitions?'],
  (args) => {
    const target = args.text('target')
    const namedOnly = args.has('named_captures_only') && args.literalBool('named_captures_only')
    const grok = grokOf(args, definitionsOf(args), namedOnly)
    return (frame) => {
      const { expression, captures } = grok(frame)
      return kvlist(extracted(expression, captures, target(frame)))
    }
  },
)

function definitionsOf(args: Arguments): ReadonlyMap<string, string> {
  const own = new Map<string, string>()
  for (const definition of args.has('pattern_definitions')
    ? args.literalTexts('pattern_definitions')
    : []) {
    const [, name, pattern] = /^([\w-]+)=(.*)$/s.exec(definition) ?? []
    if (name === undefined || pattern === undefined) {
      args.fault('pattern_definitions', `"${definition}" is not of the form NAME=pattern`)
    } else own.set(name, pattern)
  }
  return own
}

function grokOf(args: Arguments, own: ReadonlyMap<string, string>, namedOnly: boolean): Read<Grok> {
  const compile = (pattern: string): Grok => {
    const { source, captures } = expandGrok(pattern, own, namedOnly)
    if (namedOnly && captures.length === 0) throw new Error('no part of it has a name')
    return { expression: compileExpression(source), captures }
  }
  const read = args.text('pattern')
  const { constant } = args.operand('pattern')
  if (constant?.value?.kind === 'string') {
    const compiled = compiledOr(compile, constant.value.value, (why) => args.fault('pattern', why))
    return () => compiled
  }
  const kept = new Map<string, Grok>()
  return (frame) => {
    const pattern = read(frame)
    const compiled =
      kept.get(pattern) ??
      compiledOr(compile, pattern, (why) => {
        throw new EvaluationError(`ExtractGrokPatterns: ${why}`)
      })
    if (kept.size >= MAX_KEPT) kept.clear()
    kept.set(pattern, compiled)
    return compiled
  }
}

function compiledOr(
  compile: (pattern: string) => Grok,
  pattern: string,
  fail: (why: string) => never,
): Grok {
  try {
    return compile(pattern)
  } catch (error) {
    return fail(`"${pattern}" is no pattern: ${messageOf(error)}`)
  }
}

/** Parts that took nothing are left out; of a field that comes twice the last value counts. */
function extracted(
  { names, groups }: Expression,
  captures: readonly Capture[],
  from: string,
): Attribute[] {
  const fields = new Map<string, AnyValue>()
  for (const [i, value] of (groups(from) ?? []).entries()) {
    const capture = captures[Number(names[i]?.slice(1) || Number.NaN)]
    if (capture === undefined || value === '') continue
    fields.set(capture.field, typed(value, capture.type))
  }
  return [...fields].map(([key, value]) => ({ key, value }))
}

function typed(value: string, type: Capture['type']): AnyValue {
  if (type === 'string') return text(value)
  const isTrue = /^(1|t|true)$/i.test(value)
  if (type === 'bool' && (isTrue || /^(0|f|false)$/i.test(value))) return bool(isTrue)
  if (type === 'int' && /^[+-]?\d+$/.test(value))
    return int(integer(BigInt(value.replace('+', ''))))
  if (type === 'double' && Number.isFinite(Number(value))) return double(Number(value))
  throw new EvaluationError(`ExtractGrokPatterns: "${value}" is no ${type}`)
}
