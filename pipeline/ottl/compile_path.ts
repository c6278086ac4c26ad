import { didYouMean } from '../../config/fields.ts'
import type { Path, PathField } from './ast.ts'
import { CONTEXTS, type ContextName, contextOfPrefix, EVERYWHERE } from './contexts.ts'
import { SyntaxFault } from './error.ts'
import type { Get, Put } from './frame.ts'
import { inMap, settable, valueAt, withKey, withValueAt } from './keys.ts'
import { type Field, type Fields, MAP, own } from './paths/field.ts'
import type { Value } from './value.ts'

export interface PathAccess {
  readonly get: Get
  readonly set: Put | undefined
}

/** What an expression that stands in brackets gives. */
export interface Key {
  readonly get: Get
  /** Known already, if it is a literal. */
  readonly constant: Value
}

const CACHE: Fields = { cache: own('cache', MAP) }

/** Where a path leads, seen from `context`. Throws `SyntaxFault`, naming the nearest field. */
export function compilePath(
  path: Path,
  context: ContextName,
  prefixed: boolean,
  keysOf: (field: PathField) => readonly Key[],
): PathAccess {
  const { fields, rest } = startOf(path, context, prefixed)
  let [field, known] = [undefined as Field | undefined, fields]
  let last: PathField | undefined
  for (const part of rest) {
    if (last !== undefined && last.keys.length > 0) {
      throw new SyntaxFault(part.offset, 'a field cannot follow a key')
    }
    field = fieldOf(known, part, field === undefined ? context : (last?.name ?? ''))
    known = field.fields ?? {}
    last = part
  }
  if (field === undefined || last === undefined) {
    throw new SyntaxFault(path.offset, `"${path.fields[0]?.name}" needs a field after it`)
  }
  return withKeys(field, keysOf(last))
}

function fieldOf(known: Fields, { name, offset }: PathField, of: string): Field {
  const field = Object.hasOwn(known, name) ? known[name] : undefined
  if (field !== undefined) return field
  const names = Object.keys(known)
  const allowed = names.length === 0 ? 'it has no fields' : `it has ${names.join(', ')}`
  throw new SyntaxFault(
    offset,
    `${of} has no field "${name}"${didYouMean(name, names)}; ${allowed}`,
  )
}

/** The fields that the first part after a prefix may name. */
function startOf(path: Path, context: ContextName, prefixed: boolean) {
  const [first, ...rest] = path.fields
  const name = first?.name ?? ''
  const { reaches, fields } = CONTEXTS[context]
  const wanted = rest.length > 0 ? contextOfPrefix(name) : undefined
  if (wanted !== undefined && reaches.includes(wanted)) {
    const others = wanted === context ? CACHE : {}
    refuseForeignCache(path, wanted, context)
    return { fields: { ...CONTEXTS[wanted].fields, ...others }, rest }
  }
  if (Object.hasOwn(EVERYWHERE, name)) return { fields: EVERYWHERE[name] ?? {}, rest }
  if (wanted !== undefined && !Object.hasOwn(fields, name)) {
    throw new SyntaxFault(
      path.offset,
      `${name} is out of reach of the context ${context}, which sees ${reaches.join(', ')}`,
    )
  }
  if (prefixed) throw new SyntaxFault(path.offset, missingPrefix(path))
  return { fields: { ...fields, ...CACHE }, rest: path.fields }
}

function missingPrefix({ fields: parts }: Path): string {
  const name = parts.map((one) => one.name).join('.')
  const having = Object.entries(CONTEXTS).filter(([, { fields }]) =>
    Object.hasOwn({ ...fields, ...CACHE }, parts[0]?.name ?? ''),
  )
  const options = having.map(([context]) => `"${context}.${name}"`).join(', ')
  return `missing context name for path "${name}", possible options are: ${options || 'none'}`
}

function refuseForeignCache({ fields }: Path, wanted: ContextName, context: ContextName): void {
  const [, second] = fields
  if (second?.name !== 'cache' || wanted === context) return
  throw new SyntaxFault(
    second.offset,
    `each context has its own cache: write "${context}.cache" instead of "${wanted}.cache"`,
  )
}

function withKeys(field: Field, keys: readonly Key[]): PathAccess {
  const [first] = keys
  if (first === undefined) return { get: field.get, set: field.set }
  const { get, set } = field.keyed ?? field
  if (keys.length === 1 && first.constant?.kind === 'string') {
    return atKey(get, set, first.constant.value)
  }
  return {
    get: (frame) => keys.reduce((value, key) => valueAt(value, key.get(frame)), get(frame)),
    set:
      set &&
      ((frame, value) =>
        set(
          frame,
          withValueAt(
            get(frame),
            keys.map((key) => key.get(frame)),
            value,
          ),
        )),
  }
}

/** `attributes["key"]`, which is most of what statements touch. */
function atKey(get: Get, set: Put | undefined, key: string): PathAccess {
  const constant: Value = { kind: 'string', value: key }
  return {
    get(frame) {
      const map = get(frame)
      return map?.kind === 'kvlist' ? inMap(map.value, key) : valueAt(map, constant)
    },
    set:
      set &&
      ((frame, value) => {
        const map = get(frame)
        if (map?.kind !== 'kvlist') return set(frame, withValueAt(map, [constant], value))
        set(frame, { kind: 'kvlist', value: withKey(map.value, key, settable(value)) })
      }),
  }
}
