import { didYouMean } from '../../config/fields.ts'
import type { AnyValue, Attributes } from '../data/attributes.ts'
import type { Integer } from '../data/metrics.ts'
import type { UnixTime } from '../data/time.ts'
import { valueText } from '../data/value_text.ts'
import type { Argument, Call, LambdaNode } from './ast.ts'
import { EvaluationError, SyntaxFault } from './error.ts'
import type { Frame, Get, Lambda, Operand, Put } from './frame.ts'
import { toCamelCase } from './functions/cases.ts'
import { isId, toAttribute, typeName, type Value } from './value.ts'

/** Reads a value of some type for one item. */
export type Read<T> = (frame: Frame) => T

/** A path that a function reads and sets. */
export interface Target {
  readonly get: Get
  readonly set: Put
}

/** A parameter, with `?` at its end if it may be left out. */
export type Parameter = string

/** How a function is called. */
export interface Signature {
  readonly name: string
  readonly parameters: readonly Parameter[]
}

/** What makes operands of arguments. */
interface Operands {
  operand(node: Argument['value']): Operand
  textFunction(name: string, offset: number): (value: string) => string
  lambda(node: LambdaNode): Lambda
}

const plain = (parameter: string): string => parameter.replace('?', '')

/** The arguments of one call, by the names of the parameters. Mistakes in them are thrown as `SyntaxFault`. */
export class Arguments {
  readonly #compiler: Operands
  readonly #call: Call
  readonly #byName = new Map<string, Argument>()

  constructor(compiler: Operands, spec: Signature, call: Call) {
    this.#compiler = compiler
    this.#call = call
    const names = spec.parameters.map(plain)
    for (const [i, argument] of call.args.entries()) {
      const name = argument.name ?? names[i]
      if (name === undefined) {
        const usage = `${spec.name}(${spec.parameters.join(', ')})`
        throw new SyntaxFault(argument.offset, `too many arguments, it is ${usage}`)
      }
      const meant = names.find((one) => toCamelCase(one) === toCamelCase(name))
      if (meant === undefined) {
        const hint = didYouMean(name, names)
        throw new SyntaxFault(argument.offset, `${spec.name} has no parameter "${name}"${hint}`)
      }
      this.#byName.set(meant, argument)
    }
    const missing = spec.parameters.find((one) => !one.endsWith('?') && !this.#byName.has(one))
    if (missing !== undefined) {
      throw new SyntaxFault(call.offset, `${spec.name} needs the argument "${missing}"`)
    }
  }

  has(name: string): boolean {
    return this.#byName.has(name)
  }

  fault(name: string, message: string): never {
    const { offset } = this.#byName.get(name) ?? this.#call
    throw new SyntaxFault(offset, `${this.#call.name}: ${name}: ${message}`)
  }

  operand(name: string): Operand {
    const argument = this.#byName.get(name)
    if (argument === undefined) return { get: () => undefined, set: undefined, constant: undefined }
    return this.#compiler.operand(argument.value)
  }

  value(name: string): Get {
    return this.operand(name).get
  }

  /** Any value made into another one; of a literal once, so that a mistake in it is told at start. */
  converted(name: string, convert: (value: Value) => Value): Get {
    const { get, constant } = this.operand(name)
    if (constant === undefined) return (frame) => convert(get(frame))
    try {
      const made = convert(constant.value)
      return () => made
    } catch (error) {
      if (error instanceof EvaluationError) this.fault(name, error.message)
      throw error
    }
  }

  /** A path that can be set. */
  target(name: string): Target {
    const { get, set } = this.operand(name)
    if (set === undefined) this.fault(name, 'must be a path that can be set')
    return { get, set: set as Put }
  }

  /** A value of one kind; a literal of another one is a mistake. */
  #typed<T>(name: string, type: string, take: (value: Value) => T | undefined): Read<T> {
    const { get, constant } = this.operand(name)
    if (constant !== undefined) {
      const taken = take(constant.value)
      if (taken === undefined) {
        this.fault(name, `expected ${type} but got ${typeName(constant.value)}`)
      }
      return () => taken as T
    }
    const call = this.#call.name
    return (frame) => {
      const value = get(frame)
      const taken = take(value)
      if (taken !== undefined) return taken
      throw new EvaluationError(`${call}: ${name}: expected ${type} but got ${typeName(value)}`)
    }
  }

  text(name: string): Read<string> {
    return this.#typed(name, 'string', (value) =>
      value?.kind === 'string' ? value.value : undefined,
    )
  }

  int(name: string): Read<Integer> {
    return this.#typed(name, 'int', (value) => (value?.kind === 'int' ? value.value : undefined))
  }

  number(name: string): Read<number> {
    return this.#typed(name, 'number', (value) =>
      value?.kind === 'int' || value?.kind === 'double' ? Number(value.value) : undefined,
    )
  }

  bool(name: string): Read<boolean> {
    return this.#typed(name, 'bool', (value) => (value?.kind === 'bool' ? value.value : undefined))
  }

  map(name: string): Read<Attributes> {
    return this.#typed(name, 'map', (value) => (value?.kind === 'kvlist' ? value.value : undefined))
  }

  list(name: string): Read<readonly AnyValue[]> {
    return this.#typed(name, 'list', (value) => {
      const attribute = value?.kind === 'data' ? toAttribute(value) : value
      return attribute?.kind === 'array' ? attribute.value : undefined
    })
  }

  time(name: string): Read<UnixTime> {
    return this.#typed(name, 'time', (value) => (value?.kind === 'time' ? value.value : undefined))
  }

  duration(name: string): Read<Integer> {
    return this.#typed(name, 'duration', (value) =>
      value?.kind === 'duration' ? value.value : undefined,
    )
  }

  bytes(name: string): Read<Uint8Array> {
    return this.#typed(name, 'bytes', (value) => {
      if (value?.kind === 'bytes') return value.value
      return value?.kind === 'string' ? Buffer.from(value.value) : undefined
    })
  }

  /** Any value as text; nil stays nil. */
  textLike(name: string): Read<string | undefined> {
    const get = this.value(name)
    return (frame) => {
      const value = get(frame)
      return value === undefined ? undefined : textOf(value)
    }
  }

  /** What must be written out, because it is needed before there is an item. */
  #literal<T>(name: string, type: string, take: (value: Value) => T | undefined): T {
    const taken = take(this.operand(name).constant?.value)
    if (taken === undefined) this.fault(name, `must be a literal ${type}`)
    return taken as T
  }

  literalText(name: string): string {
    return this.#literal(name, 'string', (value) =>
      value?.kind === 'string' ? value.value : undefined,
    )
  }

  literalInt(name: string): number {
    return this.#literal(name, 'int', (value) =>
      value?.kind === 'int' ? Number(value.value) : undefined,
    )
  }

  literalNumber(name: string): number {
    return this.#literal(name, 'number', (value) =>
      value?.kind === 'int' || value?.kind === 'double' ? Number(value.value) : undefined,
    )
  }

  literalBool(name: string): boolean {
    return this.#literal(name, 'bool', (value) =>
      value?.kind === 'bool' ? value.value : undefined,
    )
  }

  literalTexts(name: string): readonly string[] {
    return this.#literal(name, 'list of strings', (value) => {
      if (value?.kind !== 'array') return undefined
      const texts = value.value.flatMap((one) => (one.kind === 'string' ? [one.value] : []))
      return texts.length === value.value.length ? texts : undefined
    })
  }

  literalNumbers(name: string): readonly number[] {
    return this.#literal(name, 'list of numbers', (value) =>
      value?.kind === 'array'
        ? value.value.map((one) => Number('value' in one ? one.value : Number.NaN))
        : undefined,
    )
  }

  oneOf<const T extends string>(name: string, names: readonly T[]): T {
    const found = this.literalText(name)
    const known = names.find((one) => one === found)
    if (known === undefined) {
      this.fault(name, `unknown value "${found}", allowed are ${names.join(', ')}`)
    }
    return known as T
  }

  /** `(a, b) => ...` with so many parameters. */
  lambda(name: string, parameters: number): Lambda {
    const node = this.#byName.get(name)?.value
    if (node?.kind !== 'lambda') return this.fault(name, 'must be a lambda, as (k, v) => v == "x"')
    const { length } = node.parameters
    if (length !== parameters) {
      this.fault(name, `must be a lambda of ${parameters} parameters, this one has ${length}`)
    }
    return this.#compiler.lambda(node)
  }

  /** A converter that is handed on by its name, to be called with one text. */
  converter(name: string): ((value: string) => string) | undefined {
    const argument = this.#byName.get(name)
    if (argument === undefined) return undefined
    const { value } = argument
    if (value.kind !== 'word') this.fault(name, 'must be the name of a converter')
    return this.#compiler.textFunction(value.kind === 'word' ? value.name : '', argument.offset)
  }
}

/** A value as text, as functions of the Collector that take any value see it: bytes in hex, ids and times in JSON. */
export function textOf(value: Exclude<Value, undefined>): string {
  switch (value.kind) {
    case 'string':
      return value.value
    case 'bytes':
      return Buffer.from(value.value).toString('hex')
    case 'time':
      return `"${rfc3339(value.value)}"`
    case 'duration':
      return String(value.value)
    case 'data':
      return JSON.stringify(isId(value.type) ? idBytes(String(value.value)) : value.value)
    default:
      return valueText(value)
  }
}

const idBytes = (hex: string): readonly number[] => [...Buffer.from(hex, 'hex')]

/** In UTC, with no zeros at the end of the fraction. */
function rfc3339([seconds, nanoseconds]: UnixTime): string {
  const date = new Date(seconds * 1000).toISOString().slice(0, -5)
  const fraction = String(nanoseconds).padStart(9, '0').replace(/0+$/, '')
  return `${date}${fraction === '' ? '' : `.${fraction}`}Z`
}
