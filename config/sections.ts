import {
  type Entry,
  type Expanded,
  goKind,
  goType,
  isList,
  isMap,
  type MapValue,
  show,
} from './expanded.ts'
import { didYouMean } from './nearest.ts'
import { OpaqueSchema, TextSchema } from './scalars.ts'
import {
  INVALID,
  type Infer,
  type Invalid,
  type JsonSchema,
  type Reader,
  Schema,
} from './schema.ts'

const EMPTY: MapValue = new Map()

/** The entries of a map node; a null is an empty one. */
function entriesOf(node: Expanded, reader: Reader, secret = false): MapValue | Invalid {
  if (node.value === null) return EMPTY
  if (isMap(node.value)) return node.value
  const found = secret ? '' : `: found ${show(node)}`
  return reader.error(
    `${reader.name} expected a map, got unconvertible type '${goType(node.value)}'${found}`,
  )
}

export type Fields = Readonly<Record<string, Schema<unknown>>>
export type ObjectOf<F extends Fields> = { readonly [K in keyof F]: Infer<F[K]> }

/** Keys that are all known. A missing or empty object is read as if each key was missing, so inner defaults hold. */
export class ObjectSchema<F extends Fields> extends Schema<ObjectOf<F>> {
  readonly fields: F
  constructor(fields: F) {
    super()
    this.fields = fields
  }

  /** A new object schema with more fields. */
  extend<G extends Fields>(more: G): ObjectSchema<F & G> {
    return new ObjectSchema({ ...this.fields, ...more })
  }

  protected convert(node: Expanded, reader: Reader): ObjectOf<F> | Invalid {
    const entries = entriesOf(node, reader)
    if (entries === INVALID) return INVALID
    const known = this.reportUnknown(entries, reader)
    const values = this.readFields(entries, reader)
    return known ? values : INVALID
  }

  protected override absent(reader: Reader): ObjectOf<F> | Invalid {
    return this.fallback?.value ?? this.read({ value: EMPTY, origin: reader.origin }, reader)
  }

  private readFields(entries: MapValue, reader: Reader): ObjectOf<F> | Invalid {
    const values: Record<string, unknown> = {}
    let ok = true
    for (const [key, field] of Object.entries(this.fields)) {
      const node = entries.get(key)?.node
      values[key] = field.read(node, reader.at(key, node?.origin ?? reader.origin))
      ok &&= values[key] !== INVALID
    }
    return ok ? (values as ObjectOf<F>) : INVALID
  }

  private reportUnknown(entries: MapValue, reader: Reader): boolean {
    const unknown = [...entries].filter(([key]) => !Object.hasOwn(this.fields, key))
    for (const [key, entry] of unknown) this.unknownKey(key, entry, reader)
    return unknown.length === 0
  }

  private unknownKey(key: string, entry: Entry, reader: Reader): void {
    const names = Object.keys(this.fields)
    const allowed = names.length === 0 ? 'it takes no keys' : `allowed are ${names.join(', ')}`
    reader.error(
      `${reader.name} has invalid keys: ${key}${didYouMean(key, names)}; ${allowed}`,
      entry.key,
    )
  }

  override get required(): boolean {
    return this.fallback === undefined && Object.values(this.fields).some((field) => field.required)
  }

  protected shape(): JsonSchema {
    const fields = Object.entries(this.fields)
    const required = fields.filter(([, field]) => field.required).map(([key]) => key)
    return {
      type: ['object', 'null'],
      properties: Object.fromEntries(fields.map(([key, field]) => [key, field.json()])),
      ...(required.length === 0 ? {} : { required }),
      additionalProperties: false,
    }
  }
}

/** A list. Where items are strings, `a,b` is one too. A null keeps the default. */
export class ListSchema<T> extends Schema<readonly T[]> {
  private readonly item: Schema<T>
  constructor(item: Schema<T>) {
    super()
    this.item = item
    this.fallback = { value: [] }
  }

  protected convert(node: Expanded, reader: Reader): readonly T[] | Invalid {
    if (node.value === null) return super.absent(reader)
    const items = isList(node.value) ? node.value : this.split(node)
    if (items === undefined) {
      return reader.error(
        `${reader.name} source data must be an array or slice, got ${goKind(node.value)}: found ${show(node)}`,
      )
    }
    const values = items.map((item, i) => this.item.read(item, reader.item(i, item.origin)))
    return values.some((value) => value === INVALID) ? INVALID : (values as T[])
  }

  /** The default is checked as well: an empty list may be too little. */
  protected override absent(reader: Reader): readonly T[] | Invalid {
    const value = super.absent(reader)
    if (value === INVALID) return INVALID
    return this.checked(value, { value: null, origin: reader.origin }, reader)
  }

  private split({ value, origin }: Expanded): Expanded[] | undefined {
    if (typeof value !== 'string' || !(this.item instanceof TextSchema)) return undefined
    return value === '' ? [] : value.split(',').map((part) => ({ value: part, origin }))
  }

  nonEmpty(): this {
    return this.check((items) => items.length === 0 && 'must have at least one item')
  }

  protected shape(): JsonSchema {
    return { type: 'array', items: this.item.json() }
  }
}

/** Any keys, in the order they are written. `pairs` also takes a list of `{name, value}`, as headers do. */
export class MapSchema<T> extends Schema<ReadonlyMap<string, T>> {
  private readonly item: Schema<T>
  private takesPairs = false
  constructor(item: Schema<T>) {
    super()
    this.item = item
    this.fallback = { value: new Map() }
  }

  pairs(): this {
    return this.with((copy) => {
      copy.takesPairs = true
    })
  }

  protected convert(node: Expanded, reader: Reader): ReadonlyMap<string, T> | Invalid {
    const entries =
      this.takesPairs && isList(node.value)
        ? pairsOf(node.value, reader)
        : entriesOf(node, reader, this.item instanceof OpaqueSchema)
    if (entries === INVALID) return INVALID
    const values = new Map<string, T>()
    for (const [key, { node: item }] of entries) {
      const value = this.item.read(item, reader.at(key, item.origin))
      if (value !== INVALID) values.set(key, value)
    }
    return values.size === entries.size ? values : INVALID
  }

  protected shape(): JsonSchema {
    return { type: ['object', 'null'], additionalProperties: this.item.json() }
  }

  protected override printed(value: ReadonlyMap<string, T>): unknown {
    return Object.fromEntries(value)
  }
}

function pairsOf(items: readonly Expanded[], reader: Reader): MapValue | Invalid {
  const entries = new Map<string, Entry>()
  let ok = true
  for (const item of items) {
    const name = isMap(item.value) ? item.value.get('name')?.node : undefined
    const value = isMap(item.value) ? item.value.get('value')?.node : undefined
    if (typeof name?.value !== 'string' || value === undefined) {
      reader.error('expected a list of {name, value}', item.origin)
      ok = false
    } else if (entries.has(name.value)) {
      reader.error(`duplicate keys in map-style list: [${name.value}]`, item.origin)
      ok = false
    } else {
      entries.set(name.value, { key: name.origin, node: value })
    }
  }
  return ok ? entries : INVALID
}

export interface SectionOptions {
  /** What a missing key means: `off` (the value is `undefined`) or `on` with defaults. */
  readonly absent: 'on' | 'off'
  /** Whether `enabled: false` inside turns it off, whatever else stands there. */
  readonly enabledKey?: boolean
  /** Whether a null is the same as a missing key, as for pointers of Go. */
  readonly nullIsAbsent?: boolean
  /** Whether a null turns it off, though a missing key may mean on. */
  readonly nullIsOff?: boolean
}

/** A section that is off, or on with at least its defaults: `grpc:` alone is on. */
export class SectionSchema<T> extends Schema<T | undefined> {
  private readonly section: Schema<T>
  private readonly options: SectionOptions
  constructor(section: Schema<T>, options: SectionOptions) {
    super()
    this.section = section
    this.options = options
  }

  protected convert(node: Expanded, reader: Reader): T | undefined | Invalid {
    if (node.value === null && this.options.nullIsOff) return undefined
    if (node.value === null && this.options.nullIsAbsent) return this.absent(reader)
    const enabled = this.options.enabledKey ? this.enabled(node, reader) : true
    if (enabled === INVALID) return INVALID
    return enabled ? this.section.read(this.withoutEnabled(node), reader) : undefined
  }

  private enabled(node: Expanded, reader: Reader): boolean | Invalid {
    const flag = isMap(node.value) ? node.value.get('enabled')?.node : undefined
    if (flag === undefined || typeof flag.value === 'boolean') return flag?.value !== false
    return reader.error(
      `unexpected type ${goType(flag.value)} for 'enabled': got '${flag.value}' value expected 'true' or 'false'`,
      flag.origin,
    )
  }

  private withoutEnabled(node: Expanded): Expanded {
    if (!this.options.enabledKey || !isMap(node.value)) return node
    return { ...node, value: new Map([...node.value].filter(([key]) => key !== 'enabled')) }
  }

  protected override absent(reader: Reader): T | undefined | Invalid {
    return this.options.absent === 'on' ? this.section.read(undefined, reader) : undefined
  }

  override get required(): boolean {
    return false
  }

  protected shape(): JsonSchema {
    const json = this.section.json()
    if (!this.options.enabledKey) return json
    const { absent } = this.options
    const enabled = { type: 'boolean', description: 'Off if false.', default: absent === 'on' }
    return { ...json, properties: { enabled, ...(json['properties'] as object) } }
  }
}
