import { invalid, type ParseResult } from '../../protocol.ts'
import { Fields } from './fields.ts'
import type { KafkaFrame, Part } from './frame.ts'
import { type Batch, batchBytes, readBatch, wantedOf } from './records.ts'

/** How a message is read: with its records, whole (its front at least), or not at all. */
export type WalkKind = 'produce' | 'fetch' | 'body' | 'skip'

/** Bodies that are wanted are shorter, but for metadata of hundreds of partitions. */
const BODY_BYTES = 12 << 10
/** The first versions of Fetch and Produce that name topics by id. */
const TOPIC_IDS = 13

/**
 * Goes through one message, part by part. Records are skipped but for the front of each batch, so a message of any length needs
 * little of it at hand. Source: https://kafka.apache.org/protocol.html#The_Messages_Produce and #The_Messages_Fetch
 */
export class Walk {
  readonly #kind: WalkKind
  readonly #version: number
  readonly #flexible: boolean
  #left: number
  #inFront = true
  #topics = 0
  #partitions = 0
  #records = 0
  /** Sets of tagged fields that end what has been read. */
  #tagSets: number

  /** `tagSets`: of the message's head. */
  constructor(kind: WalkKind, version: number, flexible: boolean, left: number, tagSets: number) {
    this.#kind = kind
    this.#version = version
    this.#flexible = flexible
    this.#left = left
    this.#tagSets = tagSets
  }

  get done(): boolean {
    return this.#left === 0
  }

  /** What comes next, by what is at hand of it. */
  next(bytes: Buffer): ParseResult<KafkaFrame> {
    const own = bytes.subarray(0, this.#left)
    if (this.#kind === 'skip') return this.#frame(this.#left, { part: 'rest' })
    if (this.#kind === 'body') return this.#body(own)
    if (this.#records > 0) return this.#batch(own)
    return this.#step(own)
  }

  /** Goes on behind what `next` gave. */
  take({ bytes, part }: KafkaFrame): void {
    this.#left -= bytes
    if (part.part === 'front') {
      this.#inFront = false
      this.#tagSets = 0
      this.#topics = part.topics
    } else if (part.part === 'topic') {
      this.#topics--
      this.#partitions = part.partitions
      this.#tagSets = part.partitions === 0 ? 1 : 0
    } else if (part.part === 'partition') {
      this.#partitions--
      this.#records = part.records
      this.#tagSets = 1 + (this.#partitions === 0 ? 1 : 0)
    } else if (part.part === 'batch') {
      this.#records -= bytes
    }
  }

  #frame(bytes: number, part: Part): ParseResult<KafkaFrame> & { kind: 'frame' } {
    return { kind: 'frame', bytes, frame: { bytes, part } }
  }

  /** More is needed, unless it was not captured: then the rest is left out. */
  #wait(): ParseResult<KafkaFrame> {
    return { kind: 'need_more', otherwise: this.#frame(this.#left, { part: 'cut' }) }
  }

  #body(bytes: Buffer): ParseResult<KafkaFrame> {
    const taken = bytes.subarray(0, BODY_BYTES)
    const frame = () => this.#frame(this.#left, { part: 'body', body: Buffer.from(taken) })
    if (taken.length < Math.min(this.#left, BODY_BYTES))
      return { kind: 'need_more', otherwise: frame() }
    return frame()
  }

  #batch(bytes: Buffer): ParseResult<KafkaFrame> {
    const own = bytes.subarray(0, this.#records)
    // A consumer may get a batch that is cut, or nothing but its front: it asks again.
    const whole = batchBytes(own) ?? 0
    const length = whole > 0 && whole <= this.#records ? whole : this.#records
    const isHead = own.length === this.#records || batchBytes(own) !== undefined
    const frame = () => {
      const none: Batch = {
        count: whole > 0 ? 0 : undefined,
        offset: undefined,
        origins: [],
        isUnread: false,
      }
      const batch = length === whole ? readBatch(own.subarray(0, wantedOf(length))) : none
      return this.#frame(length, { part: 'batch', batch })
    }
    if (!isHead) return { kind: 'need_more', otherwise: frame() }
    if (length === whole && own.length < wantedOf(length)) {
      return { kind: 'need_more', otherwise: frame() }
    }
    return frame()
  }

  #step(bytes: Buffer): ParseResult<KafkaFrame> {
    const fields = new Fields(bytes, this.#flexible)
    fields.tags(this.#tagSets)
    const part = this.#part(fields)
    if (fields.wrong) return invalid('a field is impossible')
    if (part.part === 'rest') return this.#frame(this.#left, part)
    if (fields.short)
      return bytes.length < this.#left ? this.#wait() : invalid('a message is too short')
    return this.#frame(fields.at, part)
  }

  #part(fields: Fields): Part {
    if (this.#inFront)
      return this.#kind === 'produce'
        ? produceFront(fields, this.#version)
        : fetchFront(fields, this.#version)
    if (this.#partitions > 0)
      return this.#kind === 'produce' ? produced(fields) : fetched(fields, this.#version)
    if (this.#topics === 0) return { part: 'rest' }
    const topic = this.#version >= TOPIC_IDS ? fields.uuid() : fields.text()
    return { part: 'topic', topic, partitions: fields.count() }
  }
}

function produceFront(fields: Fields, version: number): Part {
  if (version >= 3) fields.text()
  const acks = fields.i16()
  fields.skip(4)
  const topics = fields.count()
  if (!fields.short && (acks < -1 || acks > 1 || topics === 0)) fields.wrong = true
  return { part: 'front', acks, error: 0, topics }
}

function fetchFront(fields: Fields, version: number): Part {
  if (version >= 1) fields.skip(4)
  const error = version >= 7 ? fields.i16() : 0
  if (version >= 7) fields.skip(4)
  return { part: 'front', acks: 0, error, topics: fields.count() }
}

function produced(fields: Fields): Part {
  const index = fields.i32()
  return { part: 'partition', index, error: 0, records: fields.recordBytes() }
}

function fetched(fields: Fields, version: number): Part {
  const index = fields.i32()
  const error = fields.i16()
  fields.skip(8)
  if (version >= 4) fields.skip(8)
  if (version >= 5) fields.skip(8)
  for (let aborted = version >= 4 ? fields.count() : 0; aborted > 0 && !fields.short; aborted--) {
    fields.skip(16)
    fields.tags()
  }
  if (version >= 11) fields.skip(4)
  return { part: 'partition', index, error, records: fields.recordBytes() }
}
