import type { Integer } from '../data/metrics.ts'
import type { UnixTime } from '../data/time.ts'

/** Why JSON is no OTLP: the path and what was found there. Caught where the request is read. */
export class JsonFault extends Error {
  readonly code = 'JSON_INVALID'
  constructor(path: string, found: unknown, wanted: string) {
    const shown = typeof found === 'bigint' ? String(found) : (JSON.stringify(found) ?? 'nothing')
    super(
      `${path}: expected ${wanted}, got ${shown.length > 60 ? `${shown.slice(0, 57)}...` : shown}`,
    )
    this.name = 'JsonFault'
  }
}

const MAX_UINT64 = 2n ** 64n - 1n
const MAX_INT64 = 2n ** 63n - 1n

/**
 * Reads the members of one JSON object as OTLP has them, by their lowerCamelCase name or the snake_case of
 * it. Missing ones have their default. Throws `JsonFault`.
 * Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export class JsonReader {
  readonly path: string
  readonly #members: Readonly<Record<string, unknown>>

  constructor(value: unknown, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new JsonFault(path, value, 'an object')
    }
    this.path = path
    this.#members = value as Readonly<Record<string, unknown>>
  }

  /** The member, undefined if it is missing. */
  get(name: string): unknown {
    if (Object.hasOwn(this.#members, name)) return this.#members[name]
    const snake = snakeCase(name)
    return Object.hasOwn(this.#members, snake) ? this.#members[snake] : undefined
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  text(name: string): string {
    const value = this.get(name) ?? ''
    if (typeof value !== 'string') throw this.#fault(name, value, 'a string')
    return value
  }

  bool(name: string): boolean {
    const value = this.has(name) ? this.get(name) : false
    if (typeof value !== 'boolean') throw this.#fault(name, value, 'true or false')
    return value
  }

  /** Hexadecimal digits of either case; given back in lower case. */
  id(name: string, bytes: number): string {
    const value = this.get(name)
    if (value === undefined || value === '') return ''
    if (typeof value === 'string' && value.length === bytes * 2 && /^[0-9a-fA-F]*$/.test(value)) {
      return value.toLowerCase()
    }
    throw this.#fault(name, value, `${bytes * 2} hexadecimal digits`)
  }

  uint32(name: string): number {
    return this.#small(name, 0, 0xffffffff)
  }

  int32(name: string): number {
    return this.#small(name, -(2 ** 31), 2 ** 31 - 1)
  }

  /** A number, or one of the names of the enum: `SPAN_KIND_CLIENT`. */
  enumeration(name: string, names: readonly string[]): number {
    const value = this.get(name)
    if (typeof value !== 'string') return this.int32(name)
    const number = names.indexOf(value)
    if (number < 0) throw this.#fault(name, value, `a number or one of ${names.join(', ')}`)
    return number
  }

  uint64(name: string): Integer {
    return this.integer(this.get(name), `${this.path}.${name}`, 0n, MAX_UINT64)
  }

  int64(name: string): Integer {
    return this.integer(this.get(name), `${this.path}.${name}`, -MAX_INT64 - 1n, MAX_INT64)
  }

  uint64s(name: string): readonly Integer[] {
    return this.list(name, (value, path) => this.integer(value, path, 0n, MAX_UINT64))
  }

  time(name: string): UnixTime {
    const ns = this.uint64(name)
    if (typeof ns === 'number') return [Math.floor(ns / 1e9), ns % 1e9]
    return [Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n)]
  }

  double(name: string): number {
    return this.has(name) ? toDouble(this.get(name), `${this.path}.${name}`) : 0
  }

  optionalDouble(name: string): number | undefined {
    return this.has(name) ? this.double(name) : undefined
  }

  doubles(name: string): readonly number[] {
    return this.list(name, toDouble)
  }

  base64(name: string): Uint8Array {
    return new Uint8Array(Buffer.from(this.text(name), 'base64'))
  }

  /** The items of an array; a missing one, and null, is empty. */
  list<T>(name: string, read: (value: unknown, path: string) => T): T[] {
    const value = this.get(name) ?? []
    if (!Array.isArray(value)) throw this.#fault(name, value, 'an array')
    return value.map((item, i) => read(item, `${this.path}.${name}[${i}]`))
  }

  objects<T>(name: string, read: (reader: JsonReader) => T): T[] {
    return this.list(name, (value, path) => read(new JsonReader(value, path)))
  }

  /** An object within; undefined if it is missing or null. */
  object(name: string): JsonReader | undefined {
    const value = this.get(name) ?? undefined
    return value === undefined ? undefined : new JsonReader(value, `${this.path}.${name}`)
  }

  integer(value: unknown, path: string, min: bigint, max: bigint): Integer {
    if (value === undefined) return 0
    const big = toBigint(value)
    if (big === undefined || big < min || big > max) {
      throw new JsonFault(path, value, `a whole number from ${min} to ${max}`)
    }
    const number = Number(big)
    return Number.isSafeInteger(number) ? number : big
  }

  #small(name: string, min: number, max: number): number {
    return Number(this.integer(this.get(name), `${this.path}.${name}`, BigInt(min), BigInt(max)))
  }

  #fault(name: string, found: unknown, wanted: string): JsonFault {
    return new JsonFault(`${this.path}.${name}`, found, wanted)
  }
}

const snakes = new Map<string, string>()

/** Names come from the decoders alone, so the table stays small. */
function snakeCase(name: string): string {
  const known = snakes.get(name)
  if (known !== undefined) return known
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  snakes.set(name, snake)
  return snake
}

function toBigint(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined
}

function toDouble(value: unknown, path: string): number {
  if (typeof value === 'number') return value
  if (value instanceof WholeFloat) return value.value
  if (typeof value === 'bigint') return Number(value)
  if (value === 'NaN') return Number.NaN
  if (value === 'Infinity') return Number.POSITIVE_INFINITY
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
  if (Number.isNaN(number)) throw new JsonFault(path, value, 'a number')
  return number
}

/** A whole number that is written as a float, as `2.0` and `2e3` are: no integer, for the Collector too. */
class WholeFloat {
  readonly value: number
  readonly #source: string

  constructor(value: number, source: string) {
    this.value = value
    this.#source = source
  }

  toJSON(): string {
    return this.#source
  }
}

/** Numbers that may be more than a double holds, or floats that are whole. */
const SPECIAL_NUMBER = /[:[,]\s*-?(?:\d{16}|\d+(?:\.0*[,}\]\s]|[\d.]*[eE]))/

/** Of V8, for a whole value that something follows. */
const TRAILING = /after JSON at position (\d+)/

/**
 * JSON whose whole numbers beyond 2^53 are bigints, and whose whole floats no numbers; what follows it is ignored, as
 * by the Collector. Throws `SyntaxError`.
 */
export function parseJson(text: string): unknown {
  const parse = (json: string): unknown =>
    SPECIAL_NUMBER.test(json) ? JSON.parse(json, exactNumber) : JSON.parse(json)
  try {
    return parse(text)
  } catch (error) {
    const end = TRAILING.exec(String(error))?.[1]
    if (end === undefined) throw error
    return parse(text.slice(0, Number(end)))
  }
}

function exactNumber(
  _key: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  if (typeof value !== 'number') return value
  const source = context?.source ?? ''
  if (/[.eE]/.test(source)) return Number.isInteger(value) ? new WholeFloat(value, source) : value
  return Number.isSafeInteger(value) ? value : BigInt(source)
}
