import type { LambdaNode, Path } from './ast.ts'
import { SyntaxFault } from './error.ts'
import type { Get, Lambda } from './frame.ts'
import type { Value } from './value.ts'

/** Where a parameter has its value while the body runs. A lambda cannot call itself, so one is enough. */
interface Slot {
  value: Value
}

/** The parameters of lambdas, those of the inner ones last. */
export class Locals {
  readonly #scopes: ReadonlyMap<string, Slot>[] = []

  /** What `node` does, its body compiled where its parameters are known. Throws `SyntaxFault`. */
  lambda({ parameters, offset }: LambdaNode, compile: () => Get): Lambda {
    const slots = parameters.map((): Slot => ({ value: undefined }))
    const named = parameters.flatMap((name, i) => (name === '_' ? [] : [[name, slots[i]] as const]))
    const scope = new Map(named as [string, Slot][])
    if (scope.size < named.length) {
      throw new SyntaxFault(offset, 'two parameters of a lambda have the same name')
    }
    const body = this.#within(scope, compile)
    return (frame, ...args) => {
      for (const [i, slot] of slots.entries()) slot.value = args[i]
      return body(frame)
    }
  }

  #within(scope: ReadonlyMap<string, Slot>, compile: () => Get): Get {
    this.#scopes.push(scope)
    try {
      return compile()
    } finally {
      this.#scopes.pop() // statements that follow one with a fault are compiled, too
    }
  }

  /** Undefined if no parameter has the name with which the path begins. */
  find({ fields }: Path): Get | undefined {
    const [first, second] = fields
    const slot = this.#scopes
      .findLast((scope) => scope.has(first?.name ?? ''))
      ?.get(first?.name ?? '')
    if (slot === undefined) return undefined
    if (second === undefined) return () => slot.value
    const message = `"${first?.name}" is a parameter of a lambda, which has no fields: index it by keys`
    throw new SyntaxFault(second.offset, message)
  }
}
