import { type Attribute, strings } from '../../../../pipeline/data/attributes.ts'

/** Whoever asks for these by name wants to know whether they are there: what they say opens doors. */
const SECRETS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
])
const REDACTED = 'REDACTED'
/** Values of one header that are kept; a value is at most as long as what is captured of a head. */
const VALUES_MAX = 16

/** Headers that spans show, by their names in lower case. */
export interface ShownHeaders {
  readonly request: readonly string[]
  readonly response: readonly string[]
}

/** Undefined if there are none: then exchanges can be read in place. */
export const someShown = (shown: ShownHeaders): ShownHeaders | undefined =>
  shown.request.length + shown.response.length === 0 ? undefined : shown

/** Gathers, of one head, the values of the headers that spans show. */
export class ShownValues {
  readonly #side: keyof ShownHeaders
  readonly #names: readonly string[]
  readonly #found = new Map<string, string[]>()

  constructor(shown: ShownHeaders, side: keyof ShownHeaders) {
    this.#side = side
    this.#names = shown[side]
  }

  /** A header of the head; its name in lower case. */
  add(name: string, value: string): void {
    if (!this.#names.includes(name)) return
    const values = this.#found.get(name) ?? []
    if (values.length < VALUES_MAX) values.push(SECRETS.has(name) ? REDACTED : value)
    this.#found.set(name, values)
  }

  /** Source: https://opentelemetry.io/docs/specs/semconv/registry/attributes/http/, http.request.header */
  attributes(): Attribute[] {
    return [...this.#found].map(([name, values]) =>
      strings(`http.${this.#side}.header.${name}`, values),
    )
  }
}
