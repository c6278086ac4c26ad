import { createHash } from 'node:crypto'
import type { Info } from '../component.ts'
import type { AnyValue, Attribute, Attributes } from '../data/attributes.ts'
import { attribute } from '../data/attributes.ts'
import { type ActionConfig, compilePattern } from './fields.ts'

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
      return extractor(key, compilePattern(config.pattern))
    case 'convert':
      return change(
        (one) => one.key === key,
        (value) => convert(value, config.converted_type),
      )
  }
}

const has = (list: Attributes, key: string): boolean => list.some((one) => one.key === key)

function keyMatcher({ key, pattern }: ActionConfig): (one: Attribute) => boolean {
  const expression = pattern === '' ? undefined : compilePattern(pattern)
  return (one) => one.key === key || expression?.test(one.key) === true
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

function valueSource(config: ActionConfig): (list: Attributes, info: Info) => AnyValue | undefined {
  if (config.from_attribute !== '') return (list) => attribute(list, config.from_attribute)
  if (config.from_context !== '') return (_list, info) => fromContext(config.from_context, info)
  const value = toAnyValue(config.value)
  return () => value
}

const METADATA = 'metadata.'

/** Several values of one header are joined by `;`, as the Collector does. */
function fromContext(name: string, { client }: Info): AnyValue | undefined {
  if (name === 'client.address') return text(client?.address)
  if (!name.startsWith(METADATA)) return undefined
  return text(client?.metadata.get(name.slice(METADATA.length).toLowerCase())?.join(';'))
}

const text = (value: string | undefined): AnyValue | undefined =>
  value === undefined || value === '' ? undefined : { kind: 'string', value }

/** What YAML has, as OTLP has it. */
export function toAnyValue(value: unknown): AnyValue {
  if (typeof value === 'string') return { kind: 'string', value }
  if (typeof value === 'boolean') return { kind: 'bool', value }
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { kind: 'int', value } : { kind: 'double', value }
  }
  if (Array.isArray(value)) return { kind: 'array', value: value.map(toAnyValue) }
  if (typeof value !== 'object' || value === null) return { kind: 'empty' }
  const entries = Object.entries(value)
  return { kind: 'kvlist', value: entries.map(([key, one]) => ({ key, value: toAnyValue(one) })) }
}

function extractor(key: string, pattern: RegExp): Act {
  return (list) => {
    const value = attribute(list, key)
    const groups = value?.kind === 'string' ? pattern.exec(value.value)?.groups : undefined
    return Object.entries(groups ?? {}).reduce<Attributes>(
      (all, [name, found]) => set(all, name, { kind: 'string', value: found ?? '' }),
      list,
    )
  }
}

/** SHA-256 in hex, of the text, or of the eight bytes of a number, or of the byte of a bool. */
function hash(value: AnyValue): AnyValue {
  const bytes = bytesOf(value)
  if (bytes === undefined) return value
  return { kind: 'string', value: createHash('sha256').update(bytes).digest('hex') }
}

function bytesOf(value: AnyValue): Uint8Array | undefined {
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
      return undefined
  }
}

/** What cannot be converted stays as it is. */
function convert(value: AnyValue, type: ActionConfig['converted_type']): AnyValue {
  if (type === 'string') return toText(value)
  const number = toNumber(value)
  if (number === undefined) return value
  if (type === 'int')
    return { kind: 'int', value: typeof number === 'bigint' ? number : Math.trunc(number) }
  return { kind: 'double', value: Number(number) }
}

function toText(value: AnyValue): AnyValue {
  if (value.kind !== 'int' && value.kind !== 'double' && value.kind !== 'bool') return value
  return { kind: 'string', value: String(value.value) }
}

function toNumber(value: AnyValue): number | bigint | undefined {
  if (value.kind === 'int' || value.kind === 'double') return value.value
  if (value.kind === 'bool') return value.value ? 1 : 0
  if (value.kind !== 'string' || value.value.trim() === '') return undefined
  if (/^[+-]?\d{16,}$/.test(value.value)) return BigInt(value.value)
  const number = Number(value.value)
  return Number.isFinite(number) ? number : undefined
}
