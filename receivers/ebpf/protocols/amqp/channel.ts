import { remember } from '../../remember.ts'
import type { RemoteParent } from '../../trace_context/parent.ts'
import type { FrameTimes } from '../chunks/reader.ts'
import type { Method } from './methods.ts'

/** A message on its way, as far as its frames have come. */
export interface Transfer {
  readonly method: Method
  /** Its queue, as far as that is known; '' of what is published. */
  readonly queue: string
  /** Of the request: a message that was asked for was not begun by its own first byte. */
  readonly startNs: number
  readonly origin: RemoteParent | undefined
  readonly bytes: number
  /** Of the body, what is still to come; undefined before the header. */
  readonly left: number | undefined
  /** Of the body's first frame, which is as long as those after it but the last; 0 before that. */
  readonly frameBytes: number
  readonly lastNs: number
  readonly tgid: number
}

/** Settled messages whose way is remembered, for what settles them; consumers; messages that wait to be confirmed. */
const MAX_TAGS = 1024
const MAX_CONSUMERS = 256
const MAX_UNCONFIRMED = 4096

/** Where a message came from. */
export type Way = Pick<Method, 'exchange' | 'routingKey' | 'queue'>

/** What is known of one channel. */
export class Channel {
  readonly #queues = new Map<string, string>()
  readonly #ways = new Map<number, Way>()
  /** What each side is sending. */
  readonly moving: { request: Transfer | undefined; response: Transfer | undefined } = {
    request: undefined,
    response: undefined,
  }
  /** A queue that was asked for a message, or for its messages. */
  asked: { readonly method: Method; readonly startNs: number; readonly tgid: number } | undefined
  /** Published, and not confirmed yet, by number; undefined while the channel does not confirm. */
  unconfirmed: Map<number, Transfer> | undefined
  #published = 0
  /** What `declare` gave a name last: '' stands for it. */
  #declared = ''

  /** Says to which queue a consumer belongs. */
  learnConsumer(consumer: string, queue: string): void {
    remember(this.#queues, consumer, queue || this.#declared, MAX_CONSUMERS)
  }

  learnQueue(queue: string): void {
    this.#declared = queue
  }

  queueOf(consumer: string): string {
    return this.#queues.get(consumer) ?? ''
  }

  /** A queue by its name, where '' is the one declared last. */
  named(queue: string): string {
    return queue || this.#declared
  }

  delivered(tag: number, way: Way): void {
    remember(this.#ways, tag, way, MAX_TAGS)
  }

  /** Where the message with the tag came from, which is forgotten by that. */
  settled(tag: number): Way | undefined {
    const way = this.#ways.get(tag)
    this.#ways.delete(tag)
    return way
  }

  /** From here on the server confirms. */
  confirm(): void {
    if (this.unconfirmed === undefined) this.#published = 0
    this.unconfirmed ??= new Map()
  }

  /** True: the message waits to be confirmed. */
  awaitsConfirm(transfer: Transfer): boolean {
    this.#published++
    if (this.unconfirmed === undefined || this.unconfirmed.size >= MAX_UNCONFIRMED) return false
    this.unconfirmed.set(this.#published, transfer)
    return true
  }

  /** Those that a tag of the server confirms. */
  confirmed({ tag, multiple }: Method): Transfer[] {
    const found: Transfer[] = []
    for (const [number, transfer] of this.unconfirmed ?? []) {
      if (number > tag) break
      if (number !== tag && !multiple) continue
      this.unconfirmed?.delete(number)
      found.push(transfer)
    }
    return found
  }

  /** What the server gave back, that it confirms afterwards. */
  returned({ exchange, routingKey }: Method, code: number): void {
    for (const [number, transfer] of this.unconfirmed ?? []) {
      const { method } = transfer
      if (method.exchange !== exchange || method.routingKey !== routingKey || method.code > 0)
        continue
      this.unconfirmed?.set(number, { ...transfer, method: { ...method, code } })
      return
    }
  }

  /** Who waits on this channel; none does afterwards. */
  takeAll(): Transfer[] {
    const all = [...(this.unconfirmed?.values() ?? [])]
    this.unconfirmed?.clear()
    return all
  }
}

/** A transfer that begins with a method. */
export const beginning = (
  method: Method,
  queue: string,
  { firstNs: startNs, lastNs, tgid }: FrameTimes,
): Transfer => ({
  method,
  queue,
  startNs,
  origin: undefined,
  bytes: 0,
  left: undefined,
  frameBytes: 0,
  lastNs,
  tgid,
})
