import type { AnyValue, Attributes } from '../data/attributes.ts'
import type { Integer } from '../data/metrics.ts'
import type { EntityRef, Resource, Scope } from '../data/resource.ts'
import type { UnixTime } from '../data/time.ts'

/** A JSON object; members that are undefined are left out of the text. */
export type Json = Record<string, unknown>

/** Fields at their default are undefined. Source: https://protobuf.dev/programming-guides/json/ */
export const text = (value: string): string | undefined => (value === '' ? undefined : value)
export const number = (value: number): number | undefined => (value === 0 ? undefined : value)
export const list = <T>(values: readonly T[], toJson: (value: T) => unknown) =>
  values.length === 0 ? undefined : values.map(toJson)

/** 64-bit integers are decimal strings. */
export const integer = (value: Integer): string => String(value)

/** JSON has no NaN and no infinity: they are strings. */
export const double = (value: number): number | string =>
  Number.isFinite(value) && !Object.is(value, -0)
    ? value
    : Object.is(value, -0)
      ? '-0'
      : String(value)

export function time([seconds, nanoseconds]: UnixTime): string | undefined {
  if (seconds === 0) return nanoseconds === 0 ? undefined : String(nanoseconds)
  return `${seconds}${String(nanoseconds).padStart(9, '0')}`
}

export const attributesToJson = (attributes: Attributes): Json[] | undefined =>
  attributes.length === 0
    ? undefined
    : attributes.map(({ key, value }) => ({ key, value: anyValueToJson(value) }))

export function anyValueToJson(any: AnyValue): Json {
  switch (any.kind) {
    case 'string':
      return { stringValue: any.value }
    case 'bool':
      return { boolValue: any.value }
    case 'int':
      return { intValue: integer(any.value) }
    case 'double':
      return { doubleValue: double(any.value) }
    case 'bytes':
      return { bytesValue: Buffer.from(any.value).toString('base64') }
    case 'array':
      return { arrayValue: { values: any.value.map(anyValueToJson) } }
    case 'kvlist':
      return { kvlistValue: { values: attributesToJson(any.value) ?? [] } }
    case 'empty':
      return {}
  }
}

const resourceToJson = (resource: Resource): Json => ({
  attributes: attributesToJson(resource.attributes),
  droppedAttributesCount: number(resource.droppedAttributesCount),
  entityRefs: list(resource.entityRefs ?? [], entityRefToJson),
})

const entityRefToJson = (ref: EntityRef): Json => ({
  schemaUrl: text(ref.schemaUrl),
  type: text(ref.type),
  idKeys: list(ref.idKeys, (key) => key),
  descriptionKeys: list(ref.descriptionKeys, (key) => key),
})

const scopeToJson = (scope: Scope): Json => ({
  name: text(scope.name),
  version: text(scope.version),
  attributes: attributesToJson(scope.attributes),
  droppedAttributesCount: number(scope.droppedAttributesCount),
})

/** A ResourceSpans or its like, with its scopes in the member `name`. */
export const resourceItemsToJson = (
  { resource, schemaUrl }: { readonly resource: Resource; readonly schemaUrl: string },
  name: string,
  scopes: readonly Json[],
): Json => ({ resource: resourceToJson(resource), [name]: scopes, schemaUrl: text(schemaUrl) })

/** A ScopeSpans or its like, with its items in the member `name`. */
export const scopeItemsToJson = (
  { scope, schemaUrl }: { readonly scope: Scope; readonly schemaUrl: string },
  name: string,
  items: readonly Json[],
): Json => ({ scope: scopeToJson(scope), [name]: items, schemaUrl: text(schemaUrl) })
