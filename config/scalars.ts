import { formatDuration, NS_PER_MS, parseDuration } from './duration.ts'
import { type Expanded, goType, isList, isMap, show, toTyped } from './expanded.ts'
import { didYouMean } from './nearest.ts'
import { type Invalid, type JsonSchema, type Reader, Schema } from './schema.ts'

const mismatch = (reader: Reader, node: Expanded, want: string, allowed: string): Invalid =>
  reader.error(
    `${reader.name} expected type '${want}', got unconvertible type '${goType(node.value)}': ` +
      `found ${show(node)}, allowed is ${allowed}`,
  )

/** The string that a node stands for; a reference gives the text it was replaced by, whatever YAML makes of it. */
export function textOf(node: Expanded): string | undefined {
  if (node.value === null) return ''
  if (node.text !== undefined) return node.text
  return typeof node.value === 'string' ? node.value : undefined
}

export class TextSchema extends Schema<string> {
  protected convert(node: Expanded, reader: Reader): string | Invalid {
    return textOf(node) ?? mismatch(reader, node, 'string', 'a string')
  }

  protected shape(): JsonSchema {
    return { type: 'string' }
  }

  nonEmpty(): this {
    return this.check((value) => value === '' && 'must not be empty')
  }
}

/** A secret. Only `reveal` gives it; printing, JSON and inspection show `[REDACTED]`. */
export class Opaque {
  readonly #value: string
  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '[REDACTED]'
  }

  toJSON(): string {
    return '[REDACTED]'
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[REDACTED]'
  }
}

export class OpaqueSchema extends Schema<Opaque> {
  protected convert(node: Expanded, reader: Reader): Opaque | Invalid {
    const text = textOf(node)
    if (text !== undefined) return new Opaque(text)
    return reader.error(
      `${reader.name} expected type 'string', got unconvertible type '${goType(node.value)}'`,
    )
  }

  protected shape(): JsonSchema {
    return { type: 'string', writeOnly: true }
  }
}

export class BoolSchema extends Schema<boolean> {
  protected convert(node: Expanded, reader: Reader): boolean | Invalid {
    if (node.value === null) return false
    if (typeof node.value === 'boolean') return node.value
    return mismatch(reader, node, 'bool', 'true or false')
  }

  protected shape(): JsonSchema {
    return { type: 'boolean' }
  }
}

interface Bounds {
  readonly min?: number
  readonly max?: number
}

abstract class NumberSchema extends Schema<number> {
  protected bounds: Bounds = {}

  min(min: number): this {
    return this.with((copy) => {
      copy.bounds = { ...copy.bounds, min }
    })
  }

  max(max: number): this {
    return this.with((copy) => {
      copy.bounds = { ...copy.bounds, max }
    })
  }

  protected bounded(value: number, node: Expanded, reader: Reader): number | Invalid {
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = this.bounds
    if (value >= min && value <= max) return value
    const overflow = value < 0 && min === 0 ? `${value} overflows uint, ` : ''
    return reader.error(`${overflow}found ${show(node)}, allowed is ${this.range()}`)
  }

  private range(): string {
    const { min, max } = this.bounds
    const text = (value: number) => String(this.printed(value))
    if (min === undefined) return `${text(max ?? 0)} or less`
    return max === undefined ? `${text(min)} or more` : `${text(min)} to ${text(max)}`
  }

  protected limits(): JsonSchema {
    const { min: minimum, max: maximum } = this.bounds
    return {
      ...(minimum === undefined ? {} : { minimum }),
      ...(maximum === undefined ? {} : { maximum }),
    }
  }
}

export class IntSchema extends NumberSchema {
  protected convert(node: Expanded, reader: Reader): number | Invalid {
    if (node.value === null) return this.bounded(0, node, reader)
    if (typeof node.value !== 'number') return mismatch(reader, node, 'int', 'a whole number')
    const whole = Math.trunc(node.value)
    if (whole !== node.value) reader.warn(`${node.value} is not a whole number, taken as ${whole}`)
    return this.bounded(whole, node, reader)
  }

  protected shape(): JsonSchema {
    return { type: 'integer', ...this.limits() }
  }
}

export class FloatSchema extends NumberSchema {
  protected convert(node: Expanded, reader: Reader): number | Invalid {
    if (node.value === null) return this.bounded(0, node, reader)
    if (typeof node.value !== 'number') return mismatch(reader, node, 'float64', 'a number')
    return this.bounded(node.value, node, reader)
  }

  protected shape(): JsonSchema {
    return { type: 'number', ...this.limits() }
  }
}

export class DurationSchema extends NumberSchema {
  protected convert(node: Expanded, reader: Reader): number | Invalid {
    const { value } = node
    if (value === null) return this.bounded(0, node, reader)
    if (typeof value === 'number')
      return this.bounded(this.nanoseconds(value, reader), node, reader)
    if (typeof value !== 'string') return mismatch(reader, node, 'time.Duration', 'one like "5s"')
    const ms = parseDuration(value)
    if (typeof ms === 'number') return this.bounded(ms, node, reader)
    return reader.error(`expected a duration like "5s", got ${show(node)}: ${ms.error}`)
  }

  private nanoseconds(count: number, reader: Reader): number {
    const whole = Math.trunc(count)
    if (whole !== 0) {
      reader.warn(
        `a number without unit is nanoseconds: ${count} means ${whole}ns; write "${count}s" for seconds`,
      )
    }
    return whole / NS_PER_MS
  }

  protected shape(): JsonSchema {
    return { type: ['string', 'integer'], examples: ['200ms', '5s', '1h30m'] }
  }

  protected override printed(ms: number): string {
    return formatDuration(ms)
  }
}

const SIZE = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB|KiB|MiB|GiB)?$/
const UNIT_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
}

export class SizeSchema extends NumberSchema {
  protected convert(node: Expanded, reader: Reader): number | Invalid {
    const { value } = node
    if (value === null) return this.bounded(0, node, reader)
    if (typeof value === 'number' && Number.isInteger(value)) {
      return this.bounded(value, node, reader)
    }
    const [, amount, unit = 'B'] = SIZE.exec(String(value)) ?? []
    if (amount === undefined) {
      return reader.error(`expected a size like "4MiB" or a number of bytes, got ${show(node)}`)
    }
    return this.bounded(Math.round(Number(amount) * (UNIT_BYTES[unit] ?? 1)), node, reader)
  }

  protected shape(): JsonSchema {
    return { type: ['string', 'integer'], examples: ['64KiB', '4MiB'] }
  }

  protected override printed(bytes: number): string | number {
    for (const unit of ['GiB', 'MiB', 'KiB']) {
      const amount = bytes / (UNIT_BYTES[unit] ?? 1)
      if (amount >= 1 && Number.isInteger(amount)) return `${amount}${unit}`
    }
    return bytes
  }
}

export class EndpointSchema extends TextSchema {
  protected override convert(node: Expanded, reader: Reader): string | Invalid {
    const text = super.convert(node, reader)
    if (typeof text !== 'string' || text === '' || isEndpoint(text)) return text
    return reader.error(
      `expected an endpoint like "localhost:4317" or "http://localhost:4318", got ${show(node)}`,
    )
  }
}

function isEndpoint(text: string): boolean {
  if (/[\s\p{Cc}]/u.test(text)) return false
  return !text.includes('://') || URL.canParse(text)
}

export class EnumSchema<T extends string> extends Schema<T> {
  private readonly names: readonly T[]
  private readonly refusal: (found: string) => string
  private ignoresCase = false
  constructor(names: readonly T[], refusal: (found: string) => string) {
    super()
    this.names = names
    this.refusal = refusal
  }

  protected convert(node: Expanded, reader: Reader): T | Invalid {
    if (node.value === null && this.fallback !== undefined) return this.fallback.value
    const text = textOf(node)
    if (text === undefined || isMap(node.value) || isList(node.value)) {
      return mismatch(reader, node, 'string', this.allowed())
    }
    const wanted = this.ignoresCase ? text.toLowerCase() : text
    const name = this.names.find((candidate) => candidate === wanted)
    if (name !== undefined) return name
    return reader.error(
      `${this.refusal(text)}, allowed is ${this.allowed()}${didYouMean(text, this.names)}`,
    )
  }

  /** `INFO` is `info`; the names themselves are in small letters. */
  anyCase(): this {
    return this.with((copy) => {
      copy.ignoresCase = true
    })
  }

  private allowed(): string {
    return this.names.map((name) => JSON.stringify(name)).join(', ')
  }

  protected shape(): JsonSchema {
    return { enum: this.names }
  }
}

/** Any YAML, as plain JavaScript. */
export class PlainSchema extends Schema<unknown> {
  protected convert(node: Expanded): unknown {
    return toTyped(node)
  }

  protected shape(): JsonSchema {
    return {}
  }
}
