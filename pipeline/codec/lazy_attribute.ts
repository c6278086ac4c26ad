import type { AnyValue, Attribute } from '../data/attributes.ts'
import { decodeAnyValue, EMPTY_VALUE } from './decode_common.ts'
import { ProtobufReader } from './protobuf_reader.ts'
import { len } from './wire.ts'

/**
 * An attribute whose value is decoded when somebody asks for it: most who change attributes look at keys. It is only for as long
 * as the bytes are there, and no plain object: a copy by `{ ...one }` has no value.
 */
export class LazyAttribute implements Attribute {
  readonly key: string
  readonly #bytes: Uint8Array
  /** Its field, tag and all, lies in the bytes from here to `end`. */
  readonly start: number
  readonly end: number
  /** Of the value with its length; both 0: it has none. */
  readonly #from: number
  readonly #to: number
  /** Counts what is lost. */
  readonly #reader: ProtobufReader
  #value: AnyValue | undefined
  /** Whether what it says is not what the bytes say, as far as somebody has looked. */
  isRepaired: boolean

  /** Reads one KeyValue of `bytes`, whose tag at `start` `reader` has read, and which have passed the scan. */
  constructor(reader: ProtobufReader, bytes: Uint8Array, start: number) {
    const { repaired } = reader
    let key = ''
    let from = 0
    let to = 0
    const outer = reader.enter()
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === len(1)) key = reader.string()
      else {
        const begun = reader.position
        reader.skip(tag, 0)
        if (tag !== len(2)) continue
        from = begun
        to = reader.position
      }
    }
    reader.leave(outer)
    this.key = key
    this.start = start
    this.end = reader.position
    this.#bytes = bytes
    this.#from = from
    this.#to = to
    this.#reader = reader
    this.isRepaired = reader.repaired !== repaired
  }

  get value(): AnyValue {
    this.#value ??= this.#decode()
    return this.#value
  }

  #decode(): AnyValue {
    if (this.#to === 0) return EMPTY_VALUE
    const own = new ProtobufReader(this.#bytes.subarray(this.#from, this.#to))
    const value = decodeAnyValue(own)
    this.#reader.repaired += own.repaired
    this.#reader.tooDeep += own.tooDeep
    this.isRepaired ||= own.repaired > 0
    return value
  }
}
