import type { Signal } from '../../pipeline/component.ts'

/** JSON as YAML gives it. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }
type JsonMap = { readonly [key: string]: Json }

/** What the members of OTLP's JSON are called for each signal. */
const NAMES = {
  traces: { resources: 'resourceSpans', scopes: 'scopeSpans', items: 'spans' },
  metrics: { resources: 'resourceMetrics', scopes: 'scopeMetrics', items: 'metrics' },
  logs: { resources: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords' },
} as const

export type GoldenSignal = keyof typeof NAMES

export const isGoldenSignal = (signal: Signal | string): signal is GoldenSignal => signal in NAMES

const isMap = (value: Json | undefined): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)
const listOf = (value: Json | undefined): readonly Json[] => (isList(value) ? value : [])

/** Members that hold one AnyValue. */
const VALUES = new Set(['body'])
/** Members that hold attributes. */
const ATTRIBUTES = new Set(['attributes', 'filteredAttributes', 'metadata'])

/** OTLP's JSON of the brief form that cases are written in (README.md). */
export const toOtlp = (signal: GoldenSignal, resources: readonly Json[]): Json => {
  const { resources: root, scopes, items } = NAMES[signal]
  const scoped = (one: JsonMap): JsonMap => ({
    scope: expand(one['scope'] ?? {}),
    ...(one['schemaUrl'] === undefined ? {} : { schemaUrl: one['schemaUrl'] }),
    [items]: listOf(one[items]).map(expand),
  })
  const resource = (one: Json): Json => {
    if (!isMap(one)) throw new Error('a resource is a map')
    const inner = listOf(one['scopes']).filter(isMap)
    return {
      resource: { attributes: attributesToOtlp(one['resource'] ?? {}) },
      [scopes]: (inner.length > 0 ? inner : [one]).map(scoped),
    }
  }
  return { [root]: resources.map(resource) }
}

function expand(value: Json): Json {
  if (isList(value)) return value.map(expand)
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, expandMember(key, inner)]),
  )
}

function expandMember(key: string, value: Json): Json {
  if (ATTRIBUTES.has(key)) return attributesToOtlp(value)
  if (VALUES.has(key)) return valueToOtlp(value)
  if (key.endsWith('UnixNano') && typeof value === 'string') return nanosOf(value)
  return expand(value)
}

const attributesToOtlp = (value: Json): Json =>
  isMap(value)
    ? Object.entries(value).map(([key, one]) => ({ key, value: valueToOtlp(one) }))
    : value

function valueToOtlp(value: Json): Json {
  if (value === null) return {}
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  }
  if (isList(value)) return { arrayValue: { values: value.map(valueToOtlp) } }
  if ('doubleValue' in value || 'bytesValue' in value) return value
  return { kvlistValue: { values: attributesToOtlp(value) } }
}

/** Nanoseconds of `12.5s`. */
function nanosOf(text: string): string {
  const [whole = '', part = ''] = text.replace(/s$/, '').split('.')
  return String(BigInt(whole) * 1_000_000_000n + BigInt(part.padEnd(9, '0')))
}

function secondsOf(nanos: string): string {
  const padded = nanos.padStart(10, '0')
  const part = padded.slice(-9).replace(/0+$/, '')
  return `${padded.slice(0, -9)}${part === '' ? '' : `.${part}`}s`
}

/** The brief form of OTLP's JSON: what has no value is left out, a scope too that says nothing. */
export function fromOtlp(signal: GoldenSignal, request: Json): readonly Json[] {
  const { resources: root, scopes, items } = NAMES[signal]
  const scoped = (one: JsonMap): JsonMap =>
    brief({
      scope: one['scope'] ?? {},
      schemaUrl: one['schemaUrl'] ?? '',
      [items]: one[items] ?? [],
    })
  const resource = (one: Json): Json => {
    if (!isMap(one)) return one
    const attributes = isMap(one['resource']) ? one['resource']['attributes'] : undefined
    const inner = listOf(one[scopes]).filter(isMap).map(scoped)
    const [only = {}] = inner
    const rest = inner.length <= 1 && !('scope' in only) ? only : { scopes: inner }
    const shown = attributesFromOtlp(attributes ?? [])
    return {
      ...(isMap(shown) && Object.keys(shown).length === 0 ? {} : { resource: shown }),
      ...rest,
    }
  }
  return isMap(request) ? listOf(request[root]).map(resource) : []
}

const isEmpty = (value: Json): boolean =>
  value === null ||
  value === '' ||
  value === 0 ||
  value === '0' ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0)

/** Members whose zero says something. */
const SHOWN_EMPTY = new Set(['asInt', 'asDouble', 'bucketCounts', 'explicitBounds'])

function brief(value: JsonMap): JsonMap {
  const members = Object.entries(value).map(
    ([key, inner]) => [key, briefMember(key, inner)] as const,
  )
  return Object.fromEntries(members.filter(([key, one]) => SHOWN_EMPTY.has(key) || !isEmpty(one)))
}

function briefMember(key: string, value: Json): Json {
  if (ATTRIBUTES.has(key)) return attributesFromOtlp(value)
  if (VALUES.has(key)) return valueFromOtlp(value)
  if (key.endsWith('UnixNano') && typeof value === 'string' && value !== '0')
    return secondsOf(value)
  if (isList(value)) return value.map((one) => (isMap(one) ? brief(one) : one))
  return isMap(value) ? brief(value) : value
}

/** A map; the list as it stands if a key comes twice. */
function attributesFromOtlp(value: Json): Json {
  const entries = listOf(value).filter(isMap)
  const map = Object.fromEntries(
    entries.map((one) => [String(one['key']), valueFromOtlp(one['value'] ?? {})]),
  )
  return Object.keys(map).length === entries.length ? map : value
}

function valueFromOtlp(value: Json): Json {
  const [[kind, inner] = ['', null]] = isMap(value) ? Object.entries(value) : []
  if (inner === null || inner === undefined) return null
  if (kind === 'intValue') return Number(inner)
  if (kind === 'doubleValue') return Number.isInteger(inner) ? value : inner
  if (kind === 'arrayValue' && isMap(inner)) return listOf(inner['values']).map(valueFromOtlp)
  if (kind === 'kvlistValue' && isMap(inner)) return attributesFromOtlp(inner['values'] ?? [])
  return kind === 'bytesValue' ? value : inner
}
