/**
 * An OTLP AnyValue with its type kept: int 1 is not double 1.0. An `int` beyond 2^53 is a bigint.
 * Source: opentelemetry/proto/common/v1/common.proto (OTLP 1.11)
 */
export type AnyValue =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int'; readonly value: number | bigint }
  | { readonly kind: 'double'; readonly value: number }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'array'; readonly value: readonly AnyValue[] }
  | { readonly kind: 'kvlist'; readonly value: Attributes }
  | { readonly kind: 'empty' }

export interface Attribute {
  readonly key: string
  readonly value: AnyValue
}

/** In the order of the wire; a key may come twice. */
export type Attributes = readonly Attribute[]

export const string = (key: string, value: string): Attribute => ({
  key,
  value: { kind: 'string', value },
})

export const int = (key: string, value: number): Attribute => ({
  key,
  value: { kind: 'int', value },
})

export const strings = (key: string, values: readonly string[]): Attribute => ({
  key,
  value: { kind: 'array', value: values.map((value) => ({ kind: 'string', value })) },
})

/** The first value of `key`, or undefined. */
export function attribute(attributes: Attributes, key: string): AnyValue | undefined {
  return attributes.find((one) => one.key === key)?.value
}

/** Its value in the first of these lists that has it. */
export function attributeIn(lists: readonly Attributes[], key: string): AnyValue | undefined {
  for (const one of lists) {
    const value = attribute(one, key)
    if (value !== undefined) return value
  }
  return undefined
}
