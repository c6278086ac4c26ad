import { createHash } from 'node:crypto'
import { Double } from '../../config/fields.ts'
import type { Info } from '../component.ts'
import type { AnyValue, Attribute, Attributes } from '../data/attributes.ts'
import { attribute } from '../data/attributes.ts'
import { valueText } from '../data/value_text.ts'
import { parseGoFloat } from '../go_float.ts'
import { compileExpression, type Expression, remembering } from '../regexp.ts'
import type { ActionConfig } from './fields.ts'

/** Gives back the very list it got if nothing changes. */
export type Act = (attributes: Attributes, info: Info) => Attributes

/** All actions, one after the other. */
export function compileActions(configs: readonly ActionConfig[]): Act {
  const acts = configs.map(compile)
  return (attributes, info) => acts.reduce((list, act) => act(list, info), attributes)
}

function compile(config: ActionConfig): Act {
  const { key } = config
  switch (config.action) {
    case 'insert':
      return setter(config, (list) => !has(list, key))
    case 'update':
      return setter(config, (list) => has(list, key))
    case 'upsert':
      return setter(config, () => true)
    case 'delete': {
      const matches = keyMatcher(config)
      return (list) => (list.some(matches) ? list.filter((one) => !matches(one)) : list)
    }
    case 'hash': {
      const matches = keyMatcher(config)
      return change(matches, hash)
    }
    case 'extract':
      return extractor(key, compileExpression(config.pattern))
    case 'convert':
      return change(
        (one) => one.key === key,
        (value) => convert(value, config.converted_type),
      )
  }
}

const has = (list: Attributes, key: string): boolean => list.some((one) => one.key === key)

function keyMatcher({ key, pattern }: ActionConfig): (one: Attribute) => boolean {
  if (pattern === '') return (one) => one.key === key
  const expression = compileExpression(pattern)
  const isMeant = remembering((name) => name === key || expression.test(name))
  return (one) => isMeant(one.key)
}

function change(matches: (one: Attribute) => boolean, to: (value: AnyValue) => AnyValue): Act {
  return (list) =>
    list.some(matches)
      ? list.map((one) => (matches(one) ? { key: one.key, value: to(one.value) } : one))
      : list
}

function setter(config: ActionConfig, when: (list: Attributes) => boolean): Act {
  const source = valueSource(config)
  return (list, info) => {
    const value = when(list) ? source(list, info) : undefined
    return value === undefined ? list : set(list, config.key, value)
  }
}

function set(list: Attributes, key: string, value: AnyValue): Attributes {
  if (!has(list, key)) return [...list, { key, value }]
  return list.map((one) => (one.key === key ? { key, value } : one))
}

type Source = (list: Attributes, info: Info) => AnyValue | undefined

function valueSource({ from_attribute, from_context, ...config }: ActionConfig): Source {
  const fallback = config.default_value === undefined ? undefined : toAnyValue(config.default_value)
  if (from_attribute !== '') return (list) => attribute(list, from_attribute) ?? fallback
  if (from_context !== '') return (_list, info) => fromContext(from_context, info) ?? fallback
  const value = config.value === undefined ? fallback : toAnyValue(config.value)
  return () => value
}

const METADATA = 'metadata.'
const AUTH = 'auth.'

/** Several values of one header are joined by `;`. A name without `metadata.` is a header too. An unknown address is an empty text. */
function fromContext(name: string, { client }: Info): AnyValue | undefined {
  if (name === 'client.address') return text(client?.address ?? '')
  if (name.startsWith(AUTH)) {
    const known = client?.auth?.get(name.slice(AUTH.length))
    return known === undefined ? undefined : text(known)
  }
  const header = name.startsWith(METADATA) ? name.slice(METADATA.length) : name
  const values = client?.metadata.get(header.toLowerCase()) ?? []
  return values.length === 0 ? undefined : text(values.join(';'))
}

const text = (value: string): AnyValue => ({ kind: 'string', value })

/** What YAML has, as OTLP has it. */
export function toAnyValue(value: unknown): AnyValue {
  if (typeof value === 'string') return { kind: 'string', value }
  if (value instanceof Double) return { kind: 'double', value: value.value }
  if (typeof value === 'boolean') return { kind: 'bool', value }
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { kind: 'int', value } : { kind: 'double', value }
  }
  if (Array.isArray(value)) return { kind: 'array', value: value.map(toAnyValue) }
  if (typeof value !== 'object' || value === null) return { kind: 'empty' }
  const entries = Object.entries(value)
  return { kind: 'kvlist', value: entries.map(([key, one]) => ({ key, value: toAnyValue(one) })) }
}

function extractor(key: string, expression: Expression): Act {
  return (list) => {
    const value = attribute(list, key)
    const groups = value?.kind === 'string' ? expression.groups(value.value) : undefined
    return (groups ?? []).reduce<Attributes>(
      (all, found, i) => set(all, expression.names[i] ?? '', text(found)),
      list,
    )
  }
}

/** SHA-256 in hex, of the text, the eight bytes of a number, the byte of a bool; an empty text for what has none of these. */
function hash(value: AnyValue): AnyValue {
  const bytes = bytesOf(value)
  if (bytes.length === 0) return text('')
  return text(createHash('sha256').update(bytes).digest('hex'))
}

function bytesOf(value: AnyValue): Uint8Array {
  const eight = Buffer.alloc(8)
  switch (value.kind) {
    case 'string':
      return Buffer.from(value.value)
    case 'bool':
      return Uint8Array.of(value.value ? 1 : 0)
    case 'int':
      eight.writeBigInt64LE(BigInt.asIntN(64, BigInt(value.value)))
      return eight
    case 'double':
      eight.writeDoubleLE(value.value)
      return eight
    default:
      return Buffer.alloc(0)
  }
}

/** What cannot be converted stays as it is. */
function convert(value: AnyValue, type: string): AnyValue {
  if (type === 'string') return value.kind === 'string' ? value : text(valueText(value))
  if (value.kind === type) return value
  if (type === 'int') return intOf(value) ?? value
  const double = doubleOf(value)
  return double === undefined ? value : { kind: 'double', value: double }
}

const MAX_INT = 2n ** 63n - 1n

function intOf(value: AnyValue): AnyValue | undefined {
  if (value.kind === 'bool') return { kind: 'int', value: value.value ? 1 : 0 }
  if (value.kind === 'double' && Number.isFinite(value.value))
    return int(BigInt(Math.trunc(value.value)))
  if (value.kind !== 'string' || !/^[+-]?\d+$/.test(value.value)) return undefined
  return int(BigInt(value.value.replace(/^\+/, '')))
}

/** Nothing beyond 64 bits; a number as long as that is exact. */
function int(value: bigint): AnyValue | undefined {
  if (value > MAX_INT || value < -MAX_INT - 1n) return undefined
  const number = Number(value)
  return { kind: 'int', value: Number.isSafeInteger(number) ? number : value }
}

function doubleOf(value: AnyValue): number | undefined {
  if (value.kind === 'int') return Number(value.value)
  if (value.kind === 'bool') return value.value ? 1 : 0
  return value.kind === 'string' ? parseGoFloat(value.value) : undefined
}
