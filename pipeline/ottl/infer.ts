import type { Call, Condition, Expression, LambdaNode, Statement } from './ast.ts'
import {
  CONTEXTS,
  CONTEXTS_OF,
  type ContextName,
  contextOfPrefix,
  type OttlSignal,
} from './contexts.ts'
import type { Functions } from './function.ts'

/** The contexts and functions that some statements name. */
class Uses {
  readonly contexts = new Set<ContextName>()
  readonly functions = new Set<string>()
  /** Parameters of the lambdas around, which hide contexts of the same name. */
  #locals: readonly string[] = []

  call({ name, args, keys }: Call): void {
    this.functions.add(name)
    for (const argument of args) this.expression(argument.value)
    for (const key of keys) this.expression(key)
  }

  condition(node: Condition): void {
    if (node.kind === 'and' || node.kind === 'or') {
      for (const part of node.parts) this.condition(part)
    } else if (node.kind === 'not') this.condition(node.part)
    else if (node.kind === 'converter') this.call(node.call)
    else if (node.kind === 'comparison') {
      this.expression(node.left)
      this.expression(node.right)
    }
  }

  expression(node: Expression): void {
    if (node.kind === 'call') this.call(node)
    else if (node.kind === 'list') for (const item of node.items) this.expression(item)
    else if (node.kind === 'map') for (const { value } of node.entries) this.expression(value)
    else if (node.kind === 'math') {
      this.expression(node.left)
      this.expression(node.right)
    } else if (node.kind === 'lambda') this.#lambda(node)
    else if (node.kind === 'path') {
      const context = contextOfPrefix(node.fields[0]?.name ?? '')
      const isLocal = this.#locals.includes(node.fields[0]?.name ?? '')
      if (context !== undefined && node.fields.length > 1 && !isLocal) this.contexts.add(context)
      for (const key of node.fields.flatMap((field) => field.keys)) this.expression(key)
    }
  }

  #lambda({ parameters, body }: LambdaNode): void {
    const around = this.#locals
    this.#locals = [...around, ...parameters]
    if (body.kind === 'value') this.expression(body.value)
    else this.condition(body.condition)
    this.#locals = around
  }
}

/** The outermost context of a signal that sees all that is named and has all functions; undefined if there is none. */
export function inferContext(
  signal: OttlSignal,
  statements: readonly Statement[],
  conditions: readonly Condition[],
  functionsOf: (context: ContextName) => Functions,
): ContextName | undefined {
  const uses = new Uses()
  for (const { editor, where } of statements) {
    uses.call(editor)
    if (where !== undefined) uses.condition(where)
  }
  for (const condition of conditions) uses.condition(condition)
  const contexts: readonly ContextName[] = CONTEXTS_OF[signal]
  const known = [...uses.functions].filter((name) =>
    contexts.some((context) => functionsOf(context).has(name)),
  )
  return contexts.find(
    (context) =>
      [...uses.contexts].every((one) => CONTEXTS[context].reaches.includes(one)) &&
      known.every((name) => functionsOf(context).has(name)),
  )
}
