import { isDeepStrictEqual } from 'node:util'
import type { JsonSchema } from '../../config/schema.ts'
import type { Json } from './otlp.ts'

/** One option of a component. */
export interface Option {
  /** As docs/configuration.md names it: `policies[]::latency::threshold_ms`. */
  readonly path: string
  /**
   * Equal for options that are the same one at several places: equal sections of one name, and options of one name and
   * form in sections with the same names, as those of `include` and `exclude`.
   */
  readonly identity: string
  readonly description: string
}

/** A value in a configuration, where it stands. */
export interface Setting {
  readonly path: string
  /** Keys and indices from the top. */
  readonly place: readonly (string | number)[]
}

const asSchema = (value: unknown): JsonSchema =>
  typeof value === 'object' && value !== null ? (value as JsonSchema) : {}
const membersOf = (schema: JsonSchema) => asSchema(schema['properties'])

/** What lies within `schema`: by the suffix of its path, a section that holds more options. */
function within(schema: JsonSchema): readonly (readonly [suffix: string, inner: JsonSchema])[] {
  const items = asSchema(schema['items'])
  const values = asSchema(schema['additionalProperties'])
  const patterned = asSchema(Object.values(asSchema(schema['patternProperties']))[0])
  return (
    [
      ['[]', items],
      ['::<name>', values],
      ['::<id>', patterned],
    ] as const
  ).filter(([, inner]) => Object.keys(inner).length > 0)
}

/** Every option of a schema, those within others after them. */
export function optionsOf(schema: JsonSchema, prefix = ''): readonly Option[] {
  const names = Object.keys(membersOf(schema)).join()
  return Object.entries(membersOf(schema)).flatMap(([key, value]) => {
    const path = `${prefix}${key}`
    const inner = asSchema(value)
    const around = 'properties' in inner ? '' : names
    const identity = `${around} ${key} ${JSON.stringify(inner)}`
    const option = { path, identity, description: String(inner['description'] ?? '') }
    return [option, ...innerOptions(inner, path)]
  })
}

const innerOptions = (schema: JsonSchema, path: string): readonly Option[] => [
  ...optionsOf(schema, `${path}::`),
  ...within(schema).flatMap(([suffix, inner]) => innerOptions(inner, `${path}${suffix}`)),
]

/** The options that `config` sets to something that is not their default, where they stand. */
export function settingsOf(
  schema: JsonSchema,
  config: Json | undefined,
  prefix = '',
  place: readonly (string | number)[] = [],
): readonly Setting[] {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) return []
  return Object.entries(membersOf(schema)).flatMap(([key, value]) => {
    const found = (config as { readonly [key: string]: Json })[key]
    if (found === undefined) return []
    const inner = asSchema(value)
    const here = { path: `${prefix}${key}`, place: [...place, key] }
    const own = isDeepStrictEqual(found, inner['default']) ? [] : [here]
    return [...own, ...innerSettings(inner, found, here)]
  })
}

function innerSettings(schema: JsonSchema, value: Json, at: Setting): readonly Setting[] {
  const { path, place } = at
  const own = settingsOf(schema, value, `${path}::`, place)
  const deeper = within(schema).flatMap(([suffix, inner]) =>
    entriesOf(value, suffix).flatMap(([key, one]) =>
      innerSettings(inner, one, { path: `${path}${suffix}`, place: [...place, key] }),
    ),
  )
  return [...own, ...deeper]
}

function entriesOf(value: Json, suffix: string): readonly (readonly [string | number, Json])[] {
  if (Array.isArray(value)) return suffix === '[]' ? [...(value as readonly Json[]).entries()] : []
  if (typeof value !== 'object' || value === null || suffix === '[]') return []
  return Object.entries(value)
}

/** `config` without what stands at `place`. */
export function without(config: Json, place: readonly (string | number)[]): Json {
  const [key, ...rest] = place
  if (key === undefined || typeof config !== 'object' || config === null) return config
  const copy = structuredClone(config) as { [key: string | number]: Json }
  if (rest.length > 0) copy[key] = without(copy[key] ?? null, rest)
  else delete copy[key]
  return copy as Json
}
