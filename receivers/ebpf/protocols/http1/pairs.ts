import type { EndReason } from '../../protocol.ts'
import { type Exchange, type ExchangeHost, type Failure, isSeen } from './exchange.ts'
import type { RequestHead, ResponseHead } from './head.ts'
import type { Message } from './message.ts'
import type { PartialReason } from './reasons.ts'

/** Requests that may wait for their answers on one connection; browsers and wrk stay below 64. */
const MAX_PENDING = 128

/**
 * The requests of a connection that wait for their answers, oldest first, and what becomes of them.
 *
 * An answer's end may be inferred, from what its last bytes look like. Then other answers may hide in front of it, where
 * nothing was captured, and those behind it may belong to later requests than it seems. Exchanges behind such an end are
 * held (`doubted`) until all requests are answered: as many answers as requests came, so nothing was hidden. If the client
 * asks on with requests left over, none of them has a status.
 */
export class Pairs {
  readonly #host: ExchangeHost
  readonly #pending: Message<RequestHead>[] = []
  /** The last response, if its end was inferred and no answer has come since. */
  #inferred: Message<ResponseHead> | undefined
  #doubted: Exchange[] | undefined
  /** The response that is being read came without a request. */
  #answersNothing = false
  /** The server answers nothing else. */
  #closed = false

  constructor(host: ExchangeHost) {
    this.#host = host
  }

  /** Nobody waits, and nothing is in doubt. */
  get isClean(): boolean {
    return this.#pending.length === 0 && this.#doubted === undefined && this.#inferred === undefined
  }

  /** Requests that wait. */
  get size(): number {
    return this.#pending.length
  }

  get oldest(): Message<RequestHead> | undefined {
    return this.#pending[0]
  }

  /** True when there is no room: more would only be paired wrongly. */
  get isFull(): boolean {
    return this.#pending.length + (this.#doubted?.length ?? 0) >= MAX_PENDING
  }

  /** Whether another answer is due behind the one that is being read. */
  get expectsAnother(): boolean {
    return this.#pending.length > (this.#answersNothing ? 0 : 1)
  }

  add(request: Message<RequestHead>): void {
    this.#pending.push(request)
  }

  /** Exchanges that somebody else has paired; `lastAnswered`: the server answers nothing else. */
  passed(lastAnswered: boolean): void {
    this.#answersNothing = false
    this.#closed ||= lastAnswered
  }

  /** The server has said that it answers nothing else. */
  close(): void {
    this.#closed = true
  }

  /** A response begins, maybe an interim one. */
  beginResponse(): void {
    this.#answersNothing = this.#pending.length === 0
  }

  /** An answer begins whose head was read. */
  beginAnswer(): void {
    if (this.#inferred !== undefined) this.#doubted ??= []
    this.#inferred = undefined
  }

  /** The oldest request has its answer; false when there is none. */
  answer(response: Message<ResponseHead>, failure: Failure, partial: PartialReason | ''): boolean {
    const request = this.#pending.shift()
    if (request === undefined) {
      this.#host.count('response_unpaired')
      return false
    }
    const seen = response.head === undefined ? undefined : response
    this.#emit(request, seen, response.lastNs, failure, partial)
    return true
  }

  /** The end of that answer was inferred. When nothing of it was seen, it may have been the answers of all that wait. */
  inferEnd(response: Message<ResponseHead>): void {
    this.#inferred = response
    if (response.head === undefined) this.settle()
  }

  /** All that was asked has been answered: what is left over behind an inferred end was answered in front of it. */
  settle(): void {
    const doubted = this.#doubted ?? []
    const endNs = this.#inferred?.lastNs ?? doubted.at(-1)?.endNs
    this.#doubted = undefined
    this.#inferred = undefined
    if (endNs === undefined || this.#pending.length === 0) {
      for (const exchange of doubted) this.#host.exchange(exchange)
      return
    }
    for (const { request } of doubted) this.#emit(request, undefined, endNs, '', '')
    for (const request of this.#pending.splice(0)) this.#emit(request, undefined, endNs, '', '')
  }

  /** No answer comes any more. `open`: the one that was being read, which may have ended with the connection. */
  end(open: Message<ResponseHead> | undefined, reason: EndReason, ns: number): void {
    const failure = reason === 'reset' ? 'connection_reset' : 'connection_closed'
    if (open !== undefined) this.#endOpen(open, reason, failure)
    this.settle()
    if (reason === 'evicted') this.#countDropped('evicted_exchange')
    else if (this.#closed) this.#countDropped('request_unanswered')
    else this.#fail(failure, ns)
  }

  #endOpen(message: Message<ResponseHead>, reason: EndReason, failure: Failure): void {
    if (reason === 'evicted' && !message.ended) {
      this.answer(message, '', 'evicted')
    } else {
      const broken = reason === 'reset' || !message.ended
      this.answer(message, broken ? failure : '', message.partial)
    }
    if (message.head === undefined) this.inferEnd(message)
  }

  #countDropped(reason: 'evicted_exchange' | 'request_unanswered'): void {
    const dropped = this.drop()
    if (dropped > 0) this.#host.count(reason, dropped)
  }

  #fail(failure: Failure, ns: number): void {
    for (const request of this.#pending.splice(0)) this.#emit(request, undefined, ns, failure, '')
  }

  /** Forgets all; returns how many exchanges that are. */
  drop(): number {
    const dropped = this.#pending.length + (this.#doubted?.length ?? 0)
    this.#pending.length = 0
    this.#doubted = undefined
    this.#inferred = undefined
    return dropped
  }

  #emit(
    request: Message<RequestHead>,
    response: Message<ResponseHead> | undefined,
    endNs: number,
    failure: Failure,
    partial: PartialReason | '',
  ): void {
    if (isSeen(request)) {
      const unseen = response === undefined && failure === ''
      const why = partial || (unseen ? 'response_head_unseen' : request.partial)
      if (why !== '' && why !== request.partial) this.#host.count(why)
      const exchange = { request, response, endNs, failure, partial: why }
      if (this.#doubted === undefined) this.#host.exchange(exchange)
      else this.#doubted.push(exchange)
    } else {
      this.#host.count('request_head_unseen')
    }
    if (this.#pending.length === 0 && this.#doubted !== undefined) this.settle()
  }
}
