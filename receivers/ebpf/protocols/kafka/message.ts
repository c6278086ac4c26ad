import type { RemoteParent } from '../../trace_context/parent.ts'
import type { FrameTimes } from '../chunks/reader.ts'
import type { Part, RequestHead } from './frame.ts'
import type { Batch } from './records.ts'

/** A topic of Produce or Fetch. */
export interface TopicRecords {
  /** Its name or id, as the message has it. */
  readonly topic: string
  partitions: number
  /** Of the partition seen last. */
  index: number
  error: number
  batches: number
  /** Undefined once a batch does not say. */
  records: number | undefined
  /** Of the first record. */
  offset: number | undefined
  readonly origins: RemoteParent[]
}

const MAX_TOPICS = 128
/** Of one topic: as many as a span may have by OpenTelemetry's own limit. */
const MAX_ORIGINS = 128
const EMPTY = Buffer.alloc(0)

/** One side of an exchange, as far as it has been read. */
export class Message {
  readonly head: RequestHead
  readonly firstNs: number
  readonly tgid: number
  acks = 1
  error = 0
  body: Buffer = EMPTY
  /** Not all of it was captured, or there is more than is kept. */
  cut = false
  /** Batches whose records have not been looked into. */
  unread = 0
  readonly topics: TopicRecords[] = []

  constructor(head: RequestHead, times: FrameTimes) {
    this.head = head
    this.firstNs = times.firstNs
    this.tgid = times.tgid
  }

  add(part: Part): void {
    if (part.part === 'front') {
      this.acks = part.acks
      this.error = part.error
    } else if (part.part === 'topic') this.#topic(part.topic, part.partitions)
    else if (part.part === 'partition') this.#partition(part.index, part.error)
    else if (part.part === 'batch') this.#batch(part.batch)
    else if (part.part === 'body') this.body = part.body
    else if (part.part === 'cut') this.cut = true
  }

  #topic(topic: string, partitions: number): void {
    const nothing = { index: 0, error: 0, batches: 0, records: 0, offset: undefined }
    if (this.topics.length >= MAX_TOPICS) this.cut = true
    else this.topics.push({ topic, partitions, ...nothing, origins: [] })
  }

  #partition(index: number, error: number): void {
    const topic = this.topics.at(-1)
    if (topic === undefined) return
    topic.index = index
    if (topic.error === 0) topic.error = error
  }

  #batch({ count, offset, origins, isUnread }: Batch): void {
    const topic = this.topics.at(-1)
    if (topic === undefined) return
    topic.batches++
    topic.offset ??= offset
    topic.records =
      count === undefined || topic.records === undefined ? undefined : topic.records + count
    topic.origins.push(...origins.slice(0, MAX_ORIGINS - topic.origins.length))
    if (isUnread) this.unread++
  }
}
