import type { Comparison } from './compare.ts'

/** Where a node begins, for messages. */
interface Placed {
  readonly offset: number
}

export interface PathField extends Placed {
  readonly name: string
  readonly keys: readonly Expression[]
}

export interface Path extends Placed {
  readonly kind: 'path'
  readonly fields: readonly PathField[]
}

export interface Argument extends Placed {
  readonly name: string | undefined
  readonly value: Expression
}

/** An editor's or a converter's; `keys` index what a converter gives. */
export interface Call extends Placed {
  readonly kind: 'call'
  readonly name: string
  readonly args: readonly Argument[]
  readonly keys: readonly Expression[]
}

/** A word in capitals: an enum, or a converter that is handed on without being called. */
export interface Word extends Placed {
  readonly kind: 'word'
  readonly name: string
}

export interface Literal extends Placed {
  readonly kind: 'literal'
  readonly value:
    | { readonly type: 'string'; readonly value: string }
    | { readonly type: 'int'; readonly value: bigint }
    | { readonly type: 'double'; readonly value: number }
    | { readonly type: 'bytes'; readonly value: Uint8Array }
    | { readonly type: 'bool'; readonly value: boolean }
    | { readonly type: 'nil' }
}

export interface ListNode extends Placed {
  readonly kind: 'list'
  readonly items: readonly Expression[]
}

export interface MapNode extends Placed {
  readonly kind: 'map'
  readonly entries: readonly { readonly key: string; readonly value: Expression }[]
}

export interface MathNode extends Placed {
  readonly kind: 'math'
  readonly op: '+' | '-' | '*' | '/'
  readonly left: Expression
  readonly right: Expression
}

/** `(k, v) => body`, which only a function can be given. A parameter `_` has no name. */
export interface LambdaNode extends Placed {
  readonly kind: 'lambda'
  readonly parameters: readonly string[]
  readonly body:
    | { readonly kind: 'value'; readonly value: Expression }
    | { readonly kind: 'condition'; readonly condition: Condition }
}

export type Expression = Path | Call | Word | Literal | ListNode | MapNode | MathNode | LambdaNode

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'converter'; readonly call: Call }
  | {
      readonly kind: 'comparison'
      readonly op: Comparison
      readonly left: Expression
      readonly right: Expression
    }

/** `editor(...) where ...` */
export interface Statement {
  readonly editor: Call
  readonly where: Condition | undefined
}
