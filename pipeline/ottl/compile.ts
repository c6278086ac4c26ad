import { didYouMean } from '../../config/fields.ts'
import { Arguments } from './arguments.ts'
import type { Call, Condition, Expression, LambdaNode, Literal } from './ast.ts'
import { compare } from './compare.ts'
import { compilePath } from './compile_path.ts'
import type { ContextName } from './contexts.ts'
import { ENUMS } from './enums.ts'
import { EvaluationError, SyntaxFault } from './error.ts'
import type { Edit, Frame, Get, Lambda, Operand, Test } from './frame.ts'
import type { FunctionSpec, Functions } from './function.ts'
import { attributeOf, valueAt } from './keys.ts'
import { Locals } from './locals.ts'
import { calculate } from './math.ts'
import {
  array,
  bool,
  bytes,
  double,
  int,
  integer,
  kvlist,
  text,
  typeName,
  type Value,
} from './value.ts'

const constantly = (value: Value): Operand => ({
  get: () => value,
  set: undefined,
  constant: { value },
})

const computed = (get: Get): Operand => ({ get, set: undefined, constant: undefined })

/** Makes closures of syntax trees, for one context. All methods throw `SyntaxFault`. */
export class Compiler {
  readonly context: ContextName
  readonly functions: Functions
  readonly #prefixed: boolean
  readonly #locals = new Locals()

  /** `prefixed`: whether each path must begin with the name of its context. */
  constructor(context: ContextName, functions: Functions, prefixed: boolean) {
    this.context = context
    this.functions = functions
    this.#prefixed = prefixed
  }

  editor(call: Call): Edit {
    const spec = this.find(call.name, call.offset)
    return spec.compile(new Arguments(this, spec, call)) as Edit
  }

  condition(node: Condition): Test {
    switch (node.kind) {
      case 'and': {
        const tests = node.parts.map((part) => this.condition(part))
        return (frame) => tests.every((test) => test(frame))
      }
      case 'or': {
        const tests = node.parts.map((part) => this.condition(part))
        return (frame) => tests.some((test) => test(frame))
      }
      case 'not': {
        const test = this.condition(node.part)
        return (frame) => !test(frame)
      }
      case 'constant':
        return () => node.value
      case 'converter':
        return asTest(this.#call(node.call).get, node.call.name)
      case 'comparison': {
        const { op } = node
        const [left, right] = [this.operand(node.left).get, this.operand(node.right).get]
        return (frame) => compare(left(frame), op, right(frame))
      }
    }
  }

  operand(node: Expression): Operand {
    switch (node.kind) {
      case 'literal':
        return constantly(literalValue(node))
      case 'path': {
        const local = this.#locals.find(node)
        if (local !== undefined) return this.#indexed(local, node.fields[0]?.keys ?? [])
        const keysOf = (field: { readonly keys: readonly Expression[] }) =>
          field.keys.map((key) => this.#key(key))
        const access = compilePath(node, this.context, this.#prefixed, keysOf)
        return { ...access, constant: undefined }
      }
      case 'call':
        return this.#call(node)
      case 'word':
        return constantly(enumValue(node.name, node.offset))
      case 'list':
        return this.#list(node.items)
      case 'map':
        return this.#map(node.entries)
      case 'math': {
        const [left, right] = [this.operand(node.left), this.operand(node.right)]
        return computed((frame) => calculate(node.op, left.get(frame), right.get(frame)))
      }
      case 'lambda':
        throw new SyntaxFault(node.offset, 'a lambda is no value here')
    }
  }

  lambda(node: LambdaNode): Lambda {
    return this.#locals.lambda(node, () => {
      if (node.body.kind === 'value') return this.operand(node.body.value).get
      const test = this.condition(node.body.condition)
      return (frame) => bool(test(frame))
    })
  }

  /** A function by its name, with the nearest one if there is none. */
  find(name: string, offset: number): FunctionSpec {
    const spec = this.functions.get(name)
    if (spec !== undefined) return spec
    const what = /^[a-z]/.test(name) ? 'editor' : 'converter'
    const hint = didYouMean(name, this.functions.keys())
    throw new SyntaxFault(offset, `undefined ${what} "${name}" in context ${this.context}${hint}`)
  }

  /** A converter of one argument, as a function of texts. */
  textFunction(name: string, offset: number): (value: string) => string {
    let given: Value
    const spec = this.find(name, offset)
    const [parameter = ''] = spec.parameters
    const value = { kind: 'path', fields: [], offset } as const
    const args = new Arguments(
      {
        operand: () => computed(() => given),
        textFunction: () => noFunction(offset),
        lambda: () => noFunction(offset),
      },
      spec,
      { kind: 'call', name, offset, keys: [], args: [{ name: parameter, value, offset }] },
    )
    const get = spec.compile(args) as Get
    return (argument) => {
      given = text(argument)
      const result = get(NO_FRAME)
      if (result?.kind === 'string') return result.value
      throw new EvaluationError(`${name} gave ${typeName(result)}, a replacement must be a string`)
    }
  }

  #key(node: Expression) {
    const { get, constant } = this.operand(node)
    return { get, constant: constant?.value }
  }

  #call(call: Call): Operand {
    const spec = this.find(call.name, call.offset)
    const get = spec.compile(new Arguments(this, spec, call)) as Get
    return this.#indexed(get, call.keys)
  }

  #indexed(get: Get, nodes: readonly Expression[]): Operand {
    const keys = nodes.map((key) => this.#key(key))
    if (keys.length === 0) return computed(get)
    return computed((frame) =>
      keys.reduce((value, key) => valueAt(value, key.get(frame)), get(frame)),
    )
  }

  #list(nodes: readonly Expression[]): Operand {
    const items = nodes.map((node) => this.operand(node))
    const make = (frame: Frame) => array(items.map((item) => attributeOf(item.get(frame))))
    return foldedIf(items, make)
  }

  #map(entries: readonly { readonly key: string; readonly value: Expression }[]): Operand {
    const items = entries.map(({ key, value }) => ({ key, ...this.operand(value) }))
    const make = (frame: Frame) =>
      kvlist(items.map(({ key, get }) => ({ key, value: attributeOf(get(frame)) })))
    return foldedIf(items, make)
  }
}

const noFunction = (offset: number): never => {
  throw new SyntaxFault(offset, 'a converter that is handed on takes one argument')
}

const NO_FRAME = {} as Frame

/** What is made of constants alone is one. */
function foldedIf(items: readonly Operand[], make: Get): Operand {
  return items.every((item) => item.constant !== undefined)
    ? constantly(make(NO_FRAME))
    : computed(make)
}

function literalValue({ value }: Literal): Value {
  switch (value.type) {
    case 'nil':
      return undefined
    case 'string':
      return text(value.value)
    case 'int':
      return int(integer(value.value))
    case 'double':
      return double(value.value)
    case 'bytes':
      return bytes(value.value)
    case 'bool':
      return bool(value.value)
  }
}

function enumValue(name: string, offset: number): Value {
  const value = ENUMS.get(name)
  if (value !== undefined) return int(value)
  throw new SyntaxFault(offset, `unknown enum "${name}"${didYouMean(name, ENUMS.keys())}`)
}

function asTest(get: Get, name: string): Test {
  return (frame) => {
    const value = get(frame)
    if (value?.kind === 'bool') return value.value
    throw new EvaluationError(`${name} gave ${typeName(value)}, a condition needs a bool`)
  }
}
