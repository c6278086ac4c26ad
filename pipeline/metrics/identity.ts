import type { AnyValue, Attributes } from '../data/attributes.ts'
import type { Resource, Scope } from '../data/resource.ts'

/** A text that is equal for equal attributes, whatever their order. */
export function attributesKey(attributes: Attributes): string {
  if (attributes.length === 0) return ''
  const parts = attributes.map(({ key, value }) => `${JSON.stringify(key)}:${valueKey(value)}`)
  return parts.sort().join(',')
}

function valueKey(value: AnyValue): string {
  switch (value.kind) {
    case 'string':
      return JSON.stringify(value.value)
    case 'array':
      return `[${value.value.map(valueKey).join(',')}]`
    case 'kvlist':
      return `{${attributesKey(value.value)}}`
    case 'bytes':
      return `b${Buffer.from(value.value).toString('base64')}`
    case 'empty':
      return ''
    default:
      return `${value.kind[0]}${value.value}`
  }
}

export const resourceKey = ({ attributes }: Resource): string => attributesKey(attributes)

export const scopeKey = ({ name, version, attributes }: Scope): string =>
  JSON.stringify([name, version, attributesKey(attributes)])
