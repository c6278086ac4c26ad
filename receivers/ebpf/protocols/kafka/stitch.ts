import type { Direction, EndReason, ParseResult } from '../../protocol.ts'
import type { FrameTimes } from '../chunks/reader.ts'
import type { Dialogue } from '../chunks/stream.ts'
import { KEYS } from './apis.ts'
import { hasAnswer, hasGroup } from './bodies.ts'
import type { Head, KafkaFrame } from './frame.ts'
import { Message } from './message.ts'
import { answeredBy, beginsRequest, parseHead } from './parse.ts'
import type { KafkaReason } from './reasons.ts'
import { Walk, type WalkKind } from './walk.ts'

export interface KafkaExchange {
  readonly request: Message
  /** Undefined: none came, and `failure` says why; '' if none was asked for. */
  readonly response: Message | undefined
  readonly failure: '' | 'connection_closed' | 'connection_reset'
  readonly endNs: number
  readonly tgid: number
}

export interface KafkaHost {
  exchange(exchange: KafkaExchange): void
  count(reason: KafkaReason, n?: number): void
}

/** A message that is being read. `message` is undefined of what answers nothing that was seen. */
interface Open {
  readonly walk: Walk
  readonly message: Message | undefined
  readonly correlationId: number
}

/** Requests of one connection that wait for answers: clients send 5 ahead, some a thousand. */
const MAX_WAITING = 4096
/** Clients number their requests upwards: answers to this many before the first that was seen are believed. */
const UNSEEN = 1024

/** Joins requests and responses by their correlation ids. A broker answers each connection in order. */
export class KafkaDialogue implements Dialogue<KafkaFrame> {
  readonly named = true
  readonly #host: KafkaHost
  readonly #waiting = new Map<number, Message>()
  readonly #open: Record<Direction, Open | undefined> = { request: undefined, response: undefined }

  constructor(host: KafkaHost) {
    this.#host = host
  }

  get waiting(): number {
    return this.#waiting.size
  }

  parse(direction: Direction, bytes: Buffer): ParseResult<KafkaFrame> {
    return this.#open[direction]?.walk.next(bytes) ?? parseHead(direction, bytes)
  }

  begins(direction: Direction, bytes: Buffer): boolean {
    if (direction === 'request') return beginsRequest(bytes)
    const correlationId = answeredBy(bytes)
    if (correlationId === undefined) return false
    return this.#waiting.has(correlationId) || this.#isUnseen(correlationId)
  }

  frame(direction: Direction, { bytes, part }: KafkaFrame, times: FrameTimes): boolean {
    if (part.part === 'head') {
      const open = direction === 'request' ? request(part, times) : this.#response(part, times)
      if (open === undefined) return false
      this.#open[direction] = open
    } else {
      const open = this.#open[direction]
      open?.walk.take({ bytes, part })
      open?.message?.add(part)
    }
    const { walk, message, correlationId } = this.#open[direction] ?? {}
    if (walk?.done !== true || correlationId === undefined) return true
    this.#open[direction] = undefined
    if (message !== undefined) this.#complete(direction, message, correlationId, times)
    return true
  }

  drop(): number {
    this.#open.request = undefined
    this.#open.response = undefined
    const { size } = this.#waiting
    this.#waiting.clear()
    return size
  }

  end(reason: EndReason, ns: number): void {
    const failure = reason === 'reset' ? 'connection_reset' : 'connection_closed'
    for (const request of this.#waiting.values())
      this.#host.exchange({ request, response: undefined, failure, endNs: ns, tgid: request.tgid })
    this.drop()
  }

  /** Before the first request that was seen of a connection that was joined in the middle. */
  #isUnseen(correlationId: number): boolean {
    const oldest = this.#waiting.keys().next()
    if (oldest.done === true) return false
    return correlationId < oldest.value && correlationId >= oldest.value - UNSEEN
  }

  #response({ correlationId, left }: Head, times: FrameTimes): Open | undefined {
    const asked = this.#waiting.get(correlationId)
    if (asked === undefined) {
      if (!this.#isUnseen(correlationId)) return undefined
      return { walk: new Walk('skip', 0, false, left, 0), message: undefined, correlationId }
    }
    const { head } = asked
    const isFlexible = head.version >= head.api.flexible
    const kind = isKnown(asked) ? answerKind(head.key) : 'skip'
    const walk = new Walk(kind, head.version, isFlexible, left, 1)
    return { walk, message: new Message(head, times), correlationId }
  }

  #complete(direction: Direction, message: Message, id: number, times: FrameTimes): void {
    if (direction === 'response') this.#answer(message, id, times)
    else if (message.acks === 0) {
      const { lastNs: endNs, tgid } = times
      this.#host.exchange({ request: message, response: undefined, failure: '', endNs, tgid })
    } else if (this.#waiting.size < MAX_WAITING) this.#waiting.set(id, message)
    else this.#host.count('too_many_waiting')
  }

  /** What was asked before this and has no answer has lost it. */
  #answer(response: Message, correlationId: number, { lastNs: endNs, tgid }: FrameTimes): void {
    for (const [id, request] of this.#waiting) {
      this.#waiting.delete(id)
      if (id === correlationId) {
        this.#host.exchange({ request, response, failure: '', endNs, tgid })
        return
      }
      this.#host.count('chunk_out_of_step')
    }
  }
}

const isKnown = ({ head }: Message) => head.version <= head.api.newest

function request(
  { request: head, correlationId, left }: Head,
  times: FrameTimes,
): Open | undefined {
  if (head === undefined) return undefined
  const message = new Message(head, times)
  const isFlexible = head.version >= head.api.flexible
  const kind = isKnown(message) ? requestKind(head.key) : 'skip'
  return { walk: new Walk(kind, head.version, isFlexible, left, 1), message, correlationId }
}

const requestKind = (key: number): WalkKind =>
  key === KEYS.produce ? 'produce' : hasGroup(key) ? 'body' : 'skip'

const answerKind = (key: number): WalkKind =>
  key === KEYS.fetch ? 'fetch' : hasAnswer(key) ? 'body' : 'skip'
