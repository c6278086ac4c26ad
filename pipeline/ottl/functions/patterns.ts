import { messageOf } from '../../message_of.ts'
import { compileExpression, compileTemplate, type Expression } from '../../regexp.ts'
import type { Arguments, Read } from '../arguments.ts'
import { EvaluationError } from '../error.ts'
import { globExpression } from './glob.ts'

const MAX_KEPT = 256 // expressions that come from items, each compiled once while it stays

/** An argument that is a regular expression: a literal is compiled at once, others when they come. */
export function expressionOf(args: Arguments, name: string): Read<Expression> {
  const { constant } = args.operand(name)
  const read = args.text(name)
  if (constant?.value?.kind === 'string') {
    const compiled = compiledOrFault(args, name, constant.value.value)
    return () => compiled
  }
  const kept = new Map<string, Expression>()
  return (frame) => {
    const pattern = read(frame)
    const known = kept.get(pattern)
    if (known !== undefined) return known
    if (kept.size >= MAX_KEPT) kept.clear()
    const compiled = compileNow(pattern)
    kept.set(pattern, compiled)
    return compiled
  }
}

function compileNow(pattern: string): Expression {
  try {
    return compileExpression(pattern)
  } catch (error) {
    throw new EvaluationError(`"${pattern}" is no regular expression: ${messageOf(error)}`)
  }
}

function compiledOrFault(args: Arguments, name: string, pattern: string): Expression {
  try {
    return compileExpression(pattern)
  } catch (error) {
    return args.fault(name, `"${pattern}" is no regular expression: ${messageOf(error)}`)
  }
}

/** A literal pattern of file names, matched against whole texts. */
export function globOf(args: Arguments, name: string): Expression {
  const pattern = args.literalText(name)
  try {
    return compileExpression(globExpression(pattern))
  } catch (error) {
    return args.fault(name, `"${pattern}" is no pattern: ${messageOf(error)}`)
  }
}

const PLACE = '%s'

/** What the arguments `function` and `replacement_format` make of a replacement. */
export function finisherOf(args: Arguments): ((value: string) => string) | undefined {
  const call = args.converter('function')
  if (!args.has('replacement_format')) return call
  const format = args.literalText('replacement_format')
  if (format.split(PLACE).length !== 2) args.fault('replacement_format', 'must have one %s')
  return (value) => format.replace(PLACE, () => call?.(value) ?? value)
}

/** Replaces all matches by the arguments `replacement`, `function` and `replacement_format`. */
export function replacerOf(
  args: Arguments,
): Read<(text: string, expression: Expression) => string> {
  const replacement = args.text('replacement')
  const finish = finisherOf(args)
  let [template, names, expand] = ['', [] as readonly string[], compileTemplate('', [])]
  return (frame) => {
    const wanted = replacement(frame)
    return (text, expression) => {
      if (wanted !== template || names !== expression.names) {
        template = wanted
        names = expression.names
        expand = compileTemplate(template, names)
      }
      const replace =
        finish === undefined ? expand : (groups: readonly string[]) => finish(expand(groups))
      return expression.replaceAll(text, replace)
    }
  }
}
