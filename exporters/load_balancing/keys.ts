import { type AnyValue, type Attributes, attribute } from '../../pipeline/data/attributes.ts'
import type { Resource, Scope } from '../../pipeline/data/resource.ts'
import type { Span } from '../../pipeline/data/traces.ts'
import { valueText } from '../../pipeline/data/value_text.ts'

/** Undefined for an item that has no such key. */
export type Key = Uint8Array | string | undefined

export const traceKey = (traceId: string): Key =>
  traceId === '' ? undefined : Buffer.from(traceId, 'hex')

export function serviceKey({ attributes }: Resource): Key {
  const value = attribute(attributes, 'service.name')
  return value && valueText(value)
}

const KINDS = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer']

/** What an item has beside attributes that can be asked for by name. */
export const ofSpan = ({ name, kind }: Span): Readonly<Record<string, string>> => ({
  'span.name': name,
  'span.kind': KINDS[kind] ?? '',
})

/** name=value| of each attribute: of the resource, or else of the scope, or else of the item. */
export function attributesKey(
  names: readonly string[],
  resource: Resource,
  scope: Scope,
  item: Attributes,
  own: Readonly<Record<string, string>>,
): string {
  const lists = [resource.attributes, scope.attributes, item]
  return names
    .map((name) => {
      const found = lists.map((one) => attribute(one, name)).find((one) => one !== undefined)
      return `${name}=${own[name] ?? (found === undefined ? '' : routingText(found))}|`
    })
    .join('')
}

/** As the Collector has it in keys: maps sorted, nothing quoted. */
function routingText(value: AnyValue): string {
  switch (value.kind) {
    case 'array':
      return `[${value.value.map(routingText).join(',')}]`
    case 'kvlist': {
      const sorted = value.value.toSorted((a, b) => (a.key < b.key ? -1 : 1))
      return `{${sorted.map((one) => `${one.key}:${routingText(one.value)}`).join(',')}}`
    }
    default:
      return valueText(value)
  }
}
