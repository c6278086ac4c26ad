import type { StreamHost } from '../../protocol.ts'
import type { Ends } from '../call_span.ts'
import type { DnsMessage } from './parse.ts'
import { type DnsOptions, emitLookup, type Lookup, type Transport } from './span.ts'

/** A message as it was seen. */
export interface SeenMessage {
  readonly kind: 'message'
  readonly message: DnsMessage
  readonly ends: Ends
  readonly transport: Transport
  /** The connection that it came over; 0 of a datagram. */
  readonly connection: number
  readonly ns: number
  readonly tgid: number
}

/** A connection that was over while queries on it waited. */
export interface SeenEnd {
  readonly kind: 'end'
  readonly connection: number
  readonly error: 'connection_closed' | 'connection_reset'
  readonly ns: number
}

export type Seen = SeenMessage | SeenEnd

interface Waiting {
  /** The query that came last. */
  asked: SeenMessage
  readonly startNs: number
  queries: number
  /** An answer that was cut, after which the same is asked over TCP; but not by every resolver. */
  cut: SeenMessage | undefined
}

/** Lookups that wait for an answer, of all processes together. */
const MAX_WAITING = 8192
/** Messages between two drains. */
const MAX_HELD = 65_536
/** A resolver that waits as long as weir asks again a moment later: that is no new lookup. */
const SLACK_NS = 1e9

/**
 * Joins questions and answers, over UDP and TCP alike.
 *
 * A client's lookup is what one process asks by one id and question. The same again while it waits, from another socket, to another
 * server, or over TCP, is the same lookup; it ends with the first answer that is whole. A server's has the client's address and port
 * besides. What is asked anew by another id, as Go's resolver does, is another lookup.
 */
export class Lookups {
  readonly #options: DnsOptions
  readonly #waiting = new Map<string, Waiting>()
  #held: Seen[] = []
  /** Records that were lost so far, and until when a missing answer may be among them. */
  #lost = 0
  #doubtfulNs = Number.NEGATIVE_INFINITY

  constructor(options: DnsOptions) {
    this.#options = options
  }

  get spans(): boolean {
    return this.#options.spans
  }

  /** Waiting for an answer. */
  get size(): number {
    return this.#waiting.size
  }

  /** Keeps what was seen until `settle`: records of different sockets come in no order. */
  hold(seen: Seen, host: Pick<StreamHost, 'count'>): void {
    if (this.#held.length < MAX_HELD) this.#held.push(seen)
    else host.count('dns_too_many')
  }

  /** Everything until `nowNs` has been seen. `lost` counts the records of datagrams that were lost so far. */
  settle(nowNs: number, host: StreamHost, lost: () => number): void {
    if (this.#held.length > 0) this.#play(nowNs, host)
    if (this.#waiting.size > 0) this.#expire(nowNs, host, lost)
  }

  /** No more is seen. */
  close(host: StreamHost): void {
    this.#play(Number.POSITIVE_INFINITY, host)
    for (const [key, waiting] of [...this.#waiting]) {
      if (waiting.cut === undefined) host.count('dns_cut_off')
      else this.#answered(key, waiting, waiting.cut, host)
    }
    this.#waiting.clear()
  }

  #play(nowNs: number, host: StreamHost): void {
    const now = this.#held.filter(({ ns }) => ns <= nowNs).sort((a, b) => a.ns - b.ns)
    this.#held = this.#held.filter(({ ns }) => ns > nowNs)
    for (const seen of now) {
      if (seen.kind === 'end') this.#onEnd(seen, host)
      else if (seen.message.isResponse) this.#onAnswer(seen, host)
      else this.#onQuery(seen, host)
    }
  }

  #onQuery(asked: SeenMessage, host: StreamHost): void {
    const key = keyOf(asked)
    const known = this.#waiting.get(key)
    if (known !== undefined) {
      known.asked = asked
      known.queries++
      known.cut = undefined
      return
    }
    const [oldest] = this.#waiting.size < MAX_WAITING ? [] : this.#waiting.keys()
    if (oldest !== undefined) {
      this.#waiting.delete(oldest)
      host.count('dns_too_many')
    }
    this.#waiting.set(key, { asked, startNs: asked.ns, queries: 1, cut: undefined })
  }

  #onAnswer(answer: SeenMessage, host: StreamHost): void {
    const key = keyOf(answer)
    const waiting = this.#waiting.get(key)
    if (waiting === undefined) {
      host.count('dns_unasked')
      return
    }
    const { message, transport, ends } = answer
    const isCut = message.isTruncated && transport === 'udp' && ends.role === 'client'
    if (isCut) waiting.cut = answer
    else this.#answered(key, waiting, answer, host)
  }

  #onEnd({ connection, error, ns }: SeenEnd, host: StreamHost): void {
    for (const [key, waiting] of this.#waiting) {
      if (waiting.asked.connection === connection) this.#failed(key, waiting, error, ns, host)
    }
  }

  /** In the order in which they began; one that was asked again waits longer. */
  #expire(nowNs: number, host: StreamHost, lost: () => number): void {
    const { timeoutNs } = this.#options
    const before = nowNs - timeoutNs - SLACK_NS
    for (const [key, waiting] of this.#waiting) {
      const { startNs, asked, cut } = waiting
      if (startNs > before) return
      if (asked.ns > before) continue
      if (cut !== undefined) this.#answered(key, waiting, cut, host)
      else if (this.#isDoubtful(startNs, nowNs, lost)) this.#drop(key, host)
      else this.#failed(key, waiting, 'timeout', asked.ns + timeoutNs, host)
    }
  }

  /** Looked at only when an answer is missing. */
  #isDoubtful(startNs: number, nowNs: number, lost: () => number): boolean {
    const now = lost()
    if (now > this.#lost) this.#doubtfulNs = nowNs
    this.#lost = now
    return startNs <= this.#doubtfulNs
  }

  #drop(key: string, host: StreamHost): void {
    this.#waiting.delete(key)
    host.count('dns_record_lost')
  }

  #answered(key: string, waiting: Waiting, answer: SeenMessage, host: StreamHost): void {
    const { rcode, answers } = answer.message
    this.#emit(key, waiting, { ...answer, error: rcode, answers, endNs: answer.ns }, host)
  }

  #failed(key: string, waiting: Waiting, error: string, endNs: number, host: StreamHost): void {
    this.#emit(key, waiting, { ...waiting.asked, error, answers: [], endNs }, host)
  }

  #emit(
    key: string,
    { asked, startNs, queries }: Waiting,
    { ends, transport, error, answers, endNs, tgid }: Outcome,
    host: StreamHost,
  ): void {
    this.#waiting.delete(key)
    const { name, type } = asked.message
    const told = { ends, transport, name, type, error, answers, queries, startNs, endNs, tgid }
    emitLookup(told, this.#options, host)
  }
}

type Outcome = Pick<Lookup, 'ends' | 'transport' | 'error' | 'answers' | 'endNs' | 'tgid'>

function keyOf({ message: { id, name, type }, ends, tgid }: SeenMessage): string {
  const { role, peerAddress, peerPort } = ends
  const asker = role === 'server' ? `${peerAddress} ${peerPort}` : ''
  return `${tgid} ${id} ${type} ${name} ${asker}`
}
