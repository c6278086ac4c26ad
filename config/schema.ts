import { type Expanded, fromPlain, type MapValue, type Origin } from './expanded.ts'
import { ConfigError, type Issue } from './issue.ts'

/** What `read` gives for a value that it has reported. */
export const INVALID: unique symbol = Symbol('invalid')
export type Invalid = typeof INVALID

/** Where the reading of a configuration is, and what was found on the way. */
export class Reader {
  readonly path: readonly string[]
  readonly origin: Origin
  readonly issues: Issue[]
  constructor(path: readonly string[], origin: Origin, issues: Issue[] = []) {
    this.path = path
    this.origin = origin
    this.issues = issues
  }

  at(key: string, origin: Origin): Reader {
    return new Reader([...this.path, key], origin, this.issues)
  }

  /** The item of a list is part of the list's own name: `extensions[0]`. */
  item(index: number, origin: Origin): Reader {
    const last = `${this.path.at(-1) ?? ''}[${index}]`
    return new Reader([...this.path.slice(0, -1), last], origin, this.issues)
  }

  /** The last part of the path, quoted as the Collector's messages begin. */
  get name(): string {
    return `'${this.path.at(-1) ?? ''}'`
  }

  error(message: string, origin: Origin = this.origin): Invalid {
    this.issues.push({ severity: 'error', origin, path: this.path, message })
    return INVALID
  }

  warn(message: string): void {
    this.issues.push({ severity: 'warning', origin: this.origin, path: this.path, message })
  }
}

/** A part of JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Looks at a value that has the right type: the message of what is wrong with it, or anything else if nothing is. */
export type Check<T> = (value: T) => string | false | undefined

interface StoredCheck {
  readonly test: Check<never>
  readonly key: string | undefined
}

/** The type of the values that a schema reads. */
export type Infer<S> = S extends Schema<infer T> ? T : never

/**
 * Reads one configuration value of type `T`, and knows its default and its description.
 * Immutable: every method gives a new schema. Made by the builders of `fields.ts`.
 */
export abstract class Schema<T> {
  protected fallback: { readonly value: T } | undefined = undefined
  protected description = ''
  private checks: readonly StoredCheck[] = []

  /** The value of a node that is there. Reports what is wrong and gives `INVALID`. */
  protected abstract convert(node: Expanded, reader: Reader): T | Invalid

  /** The JSON Schema of what `convert` takes, without default and description. */
  protected abstract shape(): JsonSchema

  /** The value, checked; `undefined` stands for a key that is not there. */
  read(node: Expanded | undefined, reader: Reader): T | Invalid {
    if (node === undefined) return this.absent(reader)
    const value = this.convert(node, reader)
    return value === INVALID ? INVALID : this.checked(value, node, reader)
  }

  /** What a missing key means: the default, or an error. */
  protected absent(reader: Reader): T | Invalid {
    if (this.fallback !== undefined) return this.fallback.value
    return reader.error(`${reader.name} is required: ${this.description || 'it has no default'}`)
  }

  protected checked(value: T, node: Expanded, reader: Reader): T | Invalid {
    let ok = true
    for (const { test, key } of this.checks) {
      const message = (test as Check<T>)(value)
      if (typeof message !== 'string') continue
      reader.error(message, originOf(node, key))
      ok = false
    }
    return ok ? value : INVALID
  }

  /** Reads plain JavaScript. Throws `ConfigError` with everything that is wrong. */
  parse(plain: unknown): T {
    const origin = { source: 'value' }
    const reader = new Reader([], origin)
    const value = this.read(plain === undefined ? undefined : fromPlain(plain, origin), reader)
    if (value === INVALID) throw new ConfigError(reader.issues)
    return value
  }

  describe(description: string): this {
    return this.with((copy) => {
      copy.description = description
    })
  }

  default(value: T): this {
    return this.with((copy) => {
      copy.fallback = { value }
    })
  }

  /** Adds a test. `key` names the field at whose line a failure is shown, `outer::inner` one further in. */
  check(test: Check<T>, key?: string): this {
    return this.with((copy) => {
      copy.checks = [...copy.checks, { test, key }]
    })
  }

  /** A key that may be missing: then the value is `undefined`. */
  optional(): Schema<T | undefined> {
    return new Maybe(this)
  }

  json(): JsonSchema {
    return {
      ...(this.description === '' ? {} : { description: this.description }),
      ...this.shape(),
      ...(this.fallback === undefined ? {} : { default: this.printed(this.fallback.value) }),
    }
  }

  /** Whether an object that leaves this key out is an error. */
  get required(): boolean {
    return this.fallback === undefined
  }

  /** A default as users would write it. */
  protected printed(value: T): unknown {
    return value
  }

  protected with(change: (copy: this) => void): this {
    const copy: this = Object.assign(Object.create(Object.getPrototypeOf(this)), this)
    change(copy)
    return copy
  }
}

class Maybe<T> extends Schema<T | undefined> {
  private readonly inner: Schema<T>
  constructor(inner: Schema<T>) {
    super()
    this.inner = inner
  }

  protected convert(node: Expanded, reader: Reader): T | undefined | Invalid {
    return this.inner.read(node, reader)
  }

  protected override absent(): undefined {
    return undefined
  }

  override get required(): boolean {
    return false
  }

  protected shape(): JsonSchema {
    return this.inner.json()
  }
}

function originOf(node: Expanded, key: string | undefined): Origin {
  let [origin, value]: [Origin, unknown] = [node.origin, node.value]
  for (const part of key?.split('::') ?? []) {
    const entry = value instanceof Map ? (value as MapValue).get(part) : undefined
    if (entry === undefined) break
    ;[origin, value] = [entry.key, entry.node.value]
  }
  return origin
}
