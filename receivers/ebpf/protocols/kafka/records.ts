import type { RemoteParent } from '../../trace_context/parent.ts'
import { inflateFront } from '../inflate.ts'
import { isOfTrace, originOf } from '../origin.ts'
import { Fields } from './fields.ts'
import { snappyRecords } from './snappy.ts'

/** What is known of a batch of records by its front. */
export interface Batch {
  /** Undefined: what there is of it does not say. */
  readonly count: number | undefined
  /** Of its first record; undefined beyond 2^53. */
  readonly offset: number | undefined
  /** Where records come from, by their `traceparent`. */
  readonly origins: readonly RemoteParent[]
  /** Records may have origins, which cannot be read. */
  readonly isUnread: boolean
}

/** Offset, length, epoch, magic: the same in all formats. */
const BATCH_HEAD_BYTES = 17
/** Where the records begin. */
const RECORDS_AT = 61
/** Of the records of a batch, compressed or not, this much is looked at. */
const LOOKED_AT_BYTES = 4096
const MAX_OUTPUT_BYTES = 128 << 10
/** Of one batch. */
const MAX_ORIGINS = 16
const MAX_HEADERS = 100
const CODECS = ['', 'gzip', 'snappy', 'lz4', 'zstd'] as const

/** Of a batch of `bytes` bytes, this many at its front tell all that weir wants. */
export const wantedOf = (bytes: number): number => Math.min(bytes, RECORDS_AT + LOOKED_AT_BYTES)

/** With its head; undefined where the head is not at hand, 0 where there is none. */
export function batchBytes(bytes: Buffer): number | undefined {
  if (bytes.length < BATCH_HEAD_BYTES) return undefined
  const length = bytes.readInt32BE(8)
  const magic = bytes.readInt8(16)
  return length < BATCH_HEAD_BYTES - 12 || magic < 0 || magic > 2 ? 0 : 12 + length
}

/**
 * What a batch says by what is at hand of it.
 *
 *     offset 8 | length 4 | epoch 4 | magic 1 | crc 4 | attributes 2 | ... | count 4 | records      magic 2
 *     offset 8 | length 4 | crc 4   | magic 1 | attributes 1 | ...                                  one message, before that
 *
 * Source: https://kafka.apache.org/documentation/#recordbatch
 */
export function readBatch(bytes: Buffer): Batch {
  const nothing = { count: undefined, offset: undefined, origins: [], isUnread: false } as const
  if (bytes.length < BATCH_HEAD_BYTES + 1) return nothing
  const offset = Number(bytes.readBigInt64BE(0))
  const known = { ...nothing, offset: Number.isSafeInteger(offset) ? offset : undefined }
  if (bytes[16] !== 2) return { ...known, count: ((bytes[17] ?? 0) & 7) === 0 ? 1 : undefined }
  if (bytes.length < RECORDS_AT) return known
  const attributes = bytes.readInt16BE(21)
  // Marks of transactions, which no consumer sees.
  if ((attributes & 0x20) !== 0) return { ...known, count: 0 }
  const count = Math.max(bytes.readInt32BE(57), 0)
  const codec = CODECS[attributes & 7] ?? ''
  const records = unpack(codec, bytes.subarray(RECORDS_AT, RECORDS_AT + LOOKED_AT_BYTES))
  if (records === undefined) return { ...known, count, isUnread: true }
  return { ...known, count, origins: originsOf(records, count) }
}

function unpack(codec: (typeof CODECS)[number], front: Buffer): Buffer | undefined {
  if (codec === '') return front
  if (codec === 'snappy') return snappyRecords(front, MAX_OUTPUT_BYTES)
  return inflateFront(codec, front, MAX_OUTPUT_BYTES)
}

/** Lengths are signed, and alternate. */
const zigzag = (value: number) => (value % 2 === 0 ? value / 2 : -(value + 1) / 2)

function originsOf(records: Buffer, count: number): RemoteParent[] {
  const origins: RemoteParent[] = []
  let at = 0
  for (let i = 0; i < count && at < records.length && origins.length < MAX_ORIGINS; i++) {
    const fields = new Fields(records.subarray(at), false)
    const bytes = zigzag(fields.varint())
    if (fields.short || fields.wrong || bytes <= 0) break
    const begin = at + fields.at
    at = begin + bytes
    const origin = originOfRecord(new Headers(records.subarray(begin, at)))
    if (origin !== undefined) origins.push(origin)
  }
  return origins
}

function originOfRecord(headers: Headers): RemoteParent | undefined {
  const found = new Map<string, string>()
  for (let i = 0; i < MAX_HEADERS; i++) {
    const header = headers.next()
    if (header === undefined) break
    if (isOfTrace(header.name)) found.set(header.name, header.value)
  }
  return originOf(found)
}

/** The headers of one record: attributes, two deltas, key and value stand in front of them. */
class Headers {
  readonly #bytes: Buffer
  readonly #fields: Fields
  #left: number

  constructor(bytes: Buffer) {
    this.#bytes = bytes
    this.#fields = new Fields(bytes, false)
    this.#fields.skip(1)
    this.#skipVarint()
    this.#skipVarint()
    for (let i = 0; i < 2; i++) this.#fields.skip(Math.max(zigzag(this.#fields.varint()), 0))
    this.#left = zigzag(this.#fields.varint())
  }

  next(): { name: string; value: string } | undefined {
    const fields = this.#fields
    if (this.#left-- <= 0 || fields.short || fields.wrong) return undefined
    const name = this.#text()
    const value = this.#text()
    return fields.short || fields.wrong ? undefined : { name, value }
  }

  #text(): string {
    const bytes = Math.max(zigzag(this.#fields.varint()), 0)
    const from = this.#fields.at
    this.#fields.skip(bytes)
    return bytes > 512 || this.#fields.short
      ? ''
      : this.#bytes.toString('latin1', from, from + bytes)
  }

  /** A time may take ten bytes. */
  #skipVarint(): void {
    const { at } = this.#fields
    let bytes = 1
    while (bytes < 10 && (this.#bytes[at + bytes - 1] ?? 0) >= 0x80) bytes++
    this.#fields.skip(bytes)
  }
}
