import type { AnyValue, Attribute } from '../../data/attributes.ts'
import type { Arguments, Read } from '../arguments.ts'
import { EvaluationError } from '../error.ts'
import type { Frame, Lambda } from '../frame.ts'
import { converter } from '../function.ts'
import { settable } from '../keys.ts'
import { array, bool, int, kvlist, text, toAttribute, typeName, type Value } from '../value.ts'

/** An index of a list or a key of a map, and what is there. */
interface Entry {
  readonly at: Value
  readonly value: AnyValue
}

interface Container {
  readonly entries: readonly Entry[]
  /** The same kind with other values; entries may be missing. */
  readonly with: (entries: readonly Entry[]) => AnyValue
}

const ofList = (list: readonly AnyValue[]): Container => ({
  entries: list.map((value, i) => ({ at: int(i), value })),
  with: (entries) => array(entries.map(({ value }) => value)),
})

const ofMap = (map: readonly Attribute[]): Container => ({
  entries: map.map(({ key, value }) => ({ at: text(key), value })),
  with: (entries) => kvlist(entries.map(({ at, value }) => ({ key: keyOf(at), value }))),
})

const keyOf = (at: Value): string => (at?.kind === 'string' ? at.value : '')

function containerOf(args: Arguments, name: string): Read<Container> {
  const source = args.value('source')
  return (frame) => {
    const found = source(frame)
    const value = toAttribute(found)
    if (value?.kind === 'array') return ofList(value.value)
    if (value?.kind === 'kvlist') return ofMap(value.value)
    throw new EvaluationError(`${name}: source: expected list or map but got ${typeName(found)}`)
  }
}

/** An empty attribute is nil in a body. */
const nilIfEmpty = (value: AnyValue): Value => (value.kind === 'empty' ? undefined : value)

const call = (lambda: Lambda, frame: Frame, { at, value }: Entry): Value =>
  lambda(frame, at, nilIfEmpty(value))

/** What a lambda has to give, whatever it is. */
function given(value: Value, name: string): Exclude<Value, undefined> {
  if (value !== undefined) return value
  throw new EvaluationError(`${name}: its lambda gave nil`)
}

/** The lambda as a test. */
function predicateOf(args: Arguments, name: string) {
  const lambda = args.lambda('predicate', 2)
  return (frame: Frame, entry: Entry): boolean => isTrue(call(lambda, frame, entry), name)
}

function isTrue(value: Value, name: string): boolean {
  if (value?.kind === 'bool') return value.value
  throw new EvaluationError(`${name}: its lambda must give a bool, and gave ${typeName(value)}`)
}

const all = converter('All', ['source', 'predicate'], (args) => {
  const source = containerOf(args, 'All')
  const test = predicateOf(args, 'All')
  return (frame) => bool(source(frame).entries.every((entry) => test(frame, entry)))
})

const any = converter('Any', ['source', 'predicate'], (args) => {
  const source = containerOf(args, 'Any')
  const test = predicateOf(args, 'Any')
  return (frame) => bool(source(frame).entries.some((entry) => test(frame, entry)))
})

const filter = converter('Filter', ['source', 'predicate'], (args) => {
  const source = containerOf(args, 'Filter')
  const test = predicateOf(args, 'Filter')
  return (frame) => {
    const container = source(frame)
    return container.with(container.entries.filter((entry) => test(frame, entry)))
  }
})

const find = converter('Find', ['source', 'predicate', 'mapper?'], (args) => {
  const source = containerOf(args, 'Find')
  const test = predicateOf(args, 'Find')
  const mapper = args.has('mapper') ? args.lambda('mapper', 2) : undefined
  return (frame) => {
    const found = source(frame).entries.find((entry) => test(frame, entry))
    if (found === undefined) return undefined
    if (mapper === undefined) return nilIfEmpty(found.value)
    return given(call(mapper, frame, found), 'Find')
  }
})

const mapEach = converter('MapEach', ['source', 'mapper'], (args) => {
  const source = containerOf(args, 'MapEach')
  const mapper = args.lambda('mapper', 2)
  return (frame) => {
    const container = source(frame)
    const mapped = container.entries.map((entry) => ({
      at: entry.at,
      value: settable(given(call(mapper, frame, entry), 'MapEach')),
    }))
    return container.with(mapped)
  }
})

/** Of two that get the same key the later one is kept. */
const mapKeys = converter('MapKeys', ['source', 'key_mapper'], (args) => {
  const source = args.map('source')
  const mapper = args.lambda('key_mapper', 2)
  return (frame) => {
    const values = new Map<string, AnyValue>()
    for (const entry of ofMap(source(frame)).entries) {
      const key = call(mapper, frame, entry)
      if (key?.kind !== 'string') {
        throw new EvaluationError(
          `MapKeys: its lambda must give a string, and gave ${typeName(key)}`,
        )
      }
      values.set(key.value, entry.value)
    }
    return kvlist(Array.from(values, ([key, value]) => ({ key, value })))
  }
})

const reduce = converter('Reduce', ['source', 'seed', 'accumulator'], (args) => {
  const source = containerOf(args, 'Reduce')
  const seed = args.value('seed')
  const accumulator = args.lambda('accumulator', 3)
  return (frame) =>
    source(frame).entries.reduce(
      (sum: Value, { at, value }) =>
        given(accumulator(frame, sum, at, nilIfEmpty(value)), 'Reduce'),
      seed(frame),
    )
})

const when = converter('When', ['condition', 'true_value', 'false_value'], (args) => {
  const condition = args.lambda('condition', 0)
  const [yes, no] = [args.value('true_value'), args.value('false_value')]
  return (frame) => (isTrue(condition(frame), 'When') ? yes(frame) : no(frame))
})

/** Those that are given a lambda. */
export const lambdas = [all, any, filter, find, mapEach, mapKeys, reduce, when]
