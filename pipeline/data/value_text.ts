import type { AnyValue } from './attributes.ts'

/** A value as text, as the Collector's AsString has it: bytes in base64, lists and maps as JSON, nothing for an empty one. */
export function valueText(value: AnyValue): string {
  switch (value.kind) {
    case 'array':
    case 'kvlist':
      return JSON.stringify(toPlain(value))
    default:
      return String(toPlain(value))
  }
}

function toPlain(any: AnyValue): unknown {
  switch (any.kind) {
    case 'empty':
      return ''
    case 'int':
      return typeof any.value === 'bigint' ? String(any.value) : any.value
    case 'bytes':
      return Buffer.from(any.value).toString('base64')
    case 'array':
      return any.value.map(toPlain)
    case 'kvlist':
      return Object.fromEntries(
        any.value
          .map(({ key, value }) => [key, toPlain(value)] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      )
    default:
      return any.value
  }
}
