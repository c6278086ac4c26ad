import { EitherSchema } from './either.ts'
import { Double } from './expanded.ts'
import { didYouMean } from './nearest.ts'
import {
  BoolSchema,
  DurationSchema,
  EndpointSchema,
  EnumSchema,
  FloatSchema,
  IntSchema,
  Opaque,
  OpaqueSchema,
  PlainSchema,
  SizeSchema,
  TextSchema,
} from './scalars.ts'
import type { Infer, Schema } from './schema.ts'
import {
  type Fields,
  ListSchema,
  MapSchema,
  ObjectSchema,
  type SectionOptions,
  SectionSchema,
} from './sections.ts'

export { Double, didYouMean, type Infer, Opaque, type Schema }

/** A string. Numbers and bools are refused, unless they come from a reference: then their text counts. */
export const text = () => new TextSchema()

/** A whole number. `int().min(1).default(128).describe('...')`. */
export const int = () => new IntSchema()

export const float = () => new FloatSchema()

/** `true` or `false`, nothing else. */
export const bool = () => new BoolSchema()

/** A Go duration as `5s` or `1h30m`; the value, the bounds and the default are in milliseconds, with fractions. */
export const duration = () => new DurationSchema()

/** `4MiB`, `64KB` or a number of bytes; the value, the bounds and the default are in bytes. */
export const size = () => new SizeSchema()

/** `host:port`, a URL, or a socket path. Whether a port is required is for the component to check. */
export const endpoint = () => new EndpointSchema()

/** A secret: prints as `[REDACTED]`, `reveal()` gives it. */
export const opaque = () => new OpaqueSchema()

/** Any value: text, number, bool, list, map or null, for the component to look at. */
export const anything = () => new PlainSchema()

/** One of some names. `refusal` gives the words that the Collector has for a wrong one. */
export const enumOf = <const T extends string>(
  names: readonly T[],
  refusal = (found: string) => `unknown value ${JSON.stringify(found)}`,
) => new EnumSchema<T>(names, refusal)

/** A list; empty if missing, unless it has another default. */
export const list = <T>(item: Schema<T>) => new ListSchema(item)

/** Keys of any name; empty if missing. */
export const map = <T>(item: Schema<T>) => new MapSchema(item)

/** HTTP or gRPC headers: a map, or a list of `{name, value}`. Values are secrets. */
export const headers = () => new MapSchema(opaque()).pairs()

/** What is a map is read as `section`, everything else as `plain`. */
export const either = <T, U>(plain: Schema<T>, section: Schema<U>) =>
  new EitherSchema(plain, section)

/** Known keys only. Needs no default: a missing object is read as an empty one. */
export const object = <F extends Fields>(fields: F) => new ObjectSchema(fields)

/** A section that may be off (`undefined`). `optional(object({...}), { absent: 'on' })`. */
export const optional = <T>(section: Schema<T>, options: SectionOptions = { absent: 'off' }) =>
  new SectionSchema(section, options)
