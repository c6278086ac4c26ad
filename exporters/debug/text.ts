import type { AnyValue, Attributes } from '../../pipeline/data/attributes.ts'
import type { Resource, Scope } from '../../pipeline/data/resource.ts'
import type { UnixTime } from '../../pipeline/data/time.ts'
import { valueText } from '../../pipeline/data/value_text.ts'

/** As Go prints a time: nanoseconds without zeros at their end. */
export function timestamp([seconds, nanoseconds]: UnixTime): string {
  const date = new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')
  const fraction = String(nanoseconds).padStart(9, '0').replace(/0+$/, '')
  return `${date}${fraction && `.${fraction}`} +0000 UTC`
}

/** As Go's %f. */
export function float(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  return value.toFixed(6)
}

const TYPES: Record<AnyValue['kind'], string> = {
  string: 'Str',
  bool: 'Bool',
  int: 'Int',
  double: 'Double',
  bytes: 'Bytes',
  array: 'Slice',
  kvlist: 'Map',
  empty: 'Empty',
}

/** `Str(shop)`. */
export const typedValue = (value: AnyValue): string => `${TYPES[value.kind]}(${valueText(value)})`

/** `     -> service.name: Str(shop)`, below `title` if there are any. */
export const attributeLines = (
  title: string,
  attributes: Attributes,
  indent = '     ',
): string[] =>
  attributes.length === 0
    ? []
    : [title, ...attributes.map(({ key, value }) => `${indent}-> ${key}: ${typedValue(value)}`)]

export const resourceLines = (title: string, resource: Resource, schemaUrl: string): string[] => [
  title,
  `Resource SchemaURL: ${schemaUrl}`,
  ...attributeLines('Resource attributes:', resource.attributes),
]

/** `kind` as in `ScopeSpans`. */
export const scopeLines = (
  kind: string,
  index: number,
  scope: Scope,
  schemaUrl: string,
): string[] => [
  `${kind} #${index}`,
  `${kind} SchemaURL: ${schemaUrl}`,
  `InstrumentationScope ${scope.name} ${scope.version}`,
  ...attributeLines('InstrumentationScope attributes:', scope.attributes),
]

/** The text of a number in a table of names, or the number. */
export const named = (names: readonly string[], value: number): string =>
  names[value] ?? String(value)
