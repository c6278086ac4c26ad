import type { Direction, EndReason, ParseResult } from '../../protocol.ts'
import { remember } from '../../remember.ts'
import type { FrameTimes } from '../chunks/reader.ts'
import type { Dialogue } from '../chunks/stream.ts'
import { beginsNats } from './begins.ts'
import { type NatsFrame, parseFrame } from './parse.ts'
import type { NatsReason } from './reasons.ts'

/** A message that was published, or delivered. */
export interface NatsExchange extends FrameTimes {
  readonly message: NatsFrame
  /** What was subscribed to, and for which group; undefined if that was not seen. */
  readonly subscription: Pick<NatsFrame, 'subject' | 'group'> | undefined
  /** As the client calls itself, if that was seen. */
  readonly client: string
}

export interface NatsHost {
  exchange(exchange: NatsExchange): void
  count(reason: NatsReason, n?: number): void
  /** What follows is TLS. */
  leave(): void
}

/** Of one connection: those that answers are awaited by come and go. */
const MAX_SUBSCRIPTIONS = 4096
/** A request had nobody to answer it; all others are JetStream's way to say that there is nothing. */
const NO_RESPONDERS = '503'
const TLS_HANDSHAKE = 0x16

/** Follows the messages of one connection. Nothing answers another. */
export class NatsDialogue implements Dialogue<NatsFrame> {
  readonly named = true
  readonly apart = true
  readonly waiting = 0
  readonly #host: NatsHost
  readonly #subscriptions = new Map<string, NatsFrame>()
  #client = ''
  /** The client has said something. */
  #answered = false

  constructor(host: NatsHost) {
    this.#host = host
  }

  parse(direction: Direction, bytes: Buffer): ParseResult<NatsFrame> {
    if (direction === 'request' && !this.#answered && bytes[0] === TLS_HANDSHAKE) {
      this.#host.leave()
      return { kind: 'end' }
    }
    return parseFrame(direction, bytes)
  }

  begins(direction: Direction, bytes: Buffer): boolean {
    return beginsNats(direction, bytes)
  }

  /** The greeting is captured as an answer is: its front. */
  skip(direction: Direction): boolean {
    return direction === 'response' && !this.#answered
  }

  frame(direction: Direction, message: NatsFrame, times: FrameTimes): boolean {
    if (direction === 'request') this.#answered = true
    switch (message.verb) {
      case 'PUB':
      case 'HPUB':
      case 'MSG':
      case 'HMSG':
        this.#onMessage(message, times)
        break
      case 'SUB':
        remember(this.#subscriptions, message.sid, message, MAX_SUBSCRIPTIONS)
        break
      case 'CONNECT':
        this.#client = message.client
        break
      case '-ERR':
        this.#host.count('nats_error')
        break
      default:
    }
    return true
  }

  #onMessage(message: NatsFrame, times: FrameTimes): void {
    if (message.status !== '' && message.status !== NO_RESPONDERS) {
      this.#host.count('nats_status')
      return
    }
    const subscription = this.#subscriptions.get(message.sid)
    this.#host.exchange({ ...times, message, subscription, client: this.#client })
  }

  drop(): number {
    this.#answered = true
    return 0
  }

  end(_reason: EndReason, _ns: number): void {}
}
