import { type Attributes, attribute } from '../../pipeline/data/attributes.ts'
import type { LogRecord } from '../../pipeline/data/logs.ts'
import type { Resource } from '../../pipeline/data/resource.ts'
import type { Span } from '../../pipeline/data/traces.ts'
import { valueText } from '../../pipeline/data/value_text.ts'

/** Undefined for an item that has no such key. */
export type Key = Uint8Array | string | undefined

const NO_TRACE = '0'.repeat(32)

/** Spans of no trace are one. */
export const traceKey = (traceId: string): Key => Buffer.from(traceId || NO_TRACE, 'hex')

/** Of log records the Collector hashes the id as text; those of no trace go anywhere. */
export const logTraceKey = (traceId: string): Key => traceId || String(Math.random())

/** The name alone, as of metrics and logs. */
export function serviceKey({ attributes }: Resource): Key {
  const value = attribute(attributes, 'service.name')
  return value && valueText(value)
}

/** A span's service is an attribute like others. */
export const spanServiceKey = (resource: Resource): Key =>
  `service.name=${serviceKey(resource) ?? ''}|`

const KINDS = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer']

/** What an item has beside attributes that can be asked for by name. */
type Own = Readonly<Record<string, string>>

export const ofSpan = ({ name, kind }: Span): Own => ({
  'span.name': name,
  'span.kind': KINDS[kind] ?? '',
})

export const ofRecord = ({ severityText, body }: LogRecord): Own => ({
  'log.severity': severityText,
  'log.body': valueText(body),
})

/** Where attributes are looked for, first in the resource. */
export type Levels = readonly [resource: Attributes, scope: Attributes, item: Attributes]

type Part = readonly [level: number, text: string]

function partOf(name: string, levels: Levels, own: Own): Part {
  const [resource, scope, item] = levels
  for (const [level, one] of [resource, scope].entries()) {
    const value = attribute(one, name)
    if (value !== undefined) return [level, `${name}=${valueText(value)}|`]
  }
  const value = attribute(item, name)
  return [2, `${name}=${own[name] ?? (value === undefined ? '' : valueText(value))}|`]
}

/** name=value| of each attribute, in their order. */
export const attributesKey = (names: readonly string[], levels: Levels, own: Own): string =>
  names.map((name) => partOf(name, levels, own)[1]).join('')

/** The same with those of the resource first, then those of the scope, as the Collector has it of metrics and logs. */
export const leveledKey = (names: readonly string[], levels: Levels, own: Own): string =>
  names
    .map((name) => partOf(name, levels, own))
    .sort(([a], [b]) => a - b)
    .map(([, text]) => text)
    .join('')
