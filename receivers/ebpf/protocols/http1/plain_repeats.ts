import type { Connection, Paired } from '../../protocol.ts'
import { KeptSpan } from './kept_span.ts'
import { sameOctets } from './octets.ts'
import type { PlainRequest } from './plain_request.ts'
import type { PlainResponse } from './plain_response.ts'

/** A power of two: of more connections, those that come later take the places of others. */
const SLOTS = 256
/** Of heads and span together: 0.5 MiB in all slots, and only connections that repeat themselves have one. */
const ROOM_BYTES = 2048
/** Exchanges that are let pass, at most, after one was kept in vain: twice as many each time. */
const PAUSE_MAX = 63

interface Heads {
  readonly request: PlainRequest
  readonly response: PlainResponse
}

/** The last plain exchange of a connection, if it had no parent, and its span but for ids and times. */
class Repeat {
  isLast = false
  readonly span = new KeptSpan()
  #owner: Connection | undefined
  #tgid = 0
  #peerAddress = ''
  #localAddress = ''
  #requestBytes = 0
  #responseBytes = 0
  #requestHead = 0
  #responseHead = 0
  /** Request head, response head, then the span. */
  #kept: Buffer | undefined
  #view = new DataView(new ArrayBuffer(0))
  #isUsed = false
  #pause = 0
  #left = 0

  /** Whether the same process says and hears the same on the same connection. */
  matches({ bytes, request, response, tgid }: Paired, connection: Connection): boolean {
    const [requestHead, responseHead] = [this.#requestHead, this.#responseHead]
    return (
      this.#owner === connection &&
      this.span.told !== undefined &&
      this.#tgid === tgid &&
      this.#requestBytes === request.bytes &&
      this.#responseBytes === response.bytes &&
      this.#peerAddress === connection.peerAddress &&
      this.#localAddress === connection.localAddress &&
      request.end - request.start >= requestHead &&
      response.end - response.start >= responseHead &&
      sameOctets(bytes, request.start, this.#view, 0, requestHead) &&
      sameOctets(bytes, response.start, this.#view, requestHead, responseHead)
    )
  }

  /** It was said again. */
  used(): void {
    this.#pause = 0
    this.#isUsed = true
  }

  /** Whether an exchange is to be kept: the one before it on its connection was of the same size, and keeping has not been in vain. */
  wants({ request }: Paired, connection: Connection): boolean {
    if (this.#owner !== connection || this.#requestBytes !== request.bytes) {
      this.span.forget()
      this.#owner = connection
      this.#requestBytes = request.bytes
      return false
    }
    if (this.span.told !== undefined) {
      if (!this.#isUsed) this.#pause = Math.min(2 * this.#pause + 1, PAUSE_MAX)
      this.#left = this.#pause
      this.span.forget()
    }
    if (this.#left === 0) return true
    this.#left--
    return false
  }

  /** Takes the exchange whose heads were read, and whose span was written, last: it is one that it wants. */
  keep(paired: Paired, heads: Heads): void {
    this.#fill(paired, heads)
    if (this.span.told === undefined) return
    const { peerAddress = '', localAddress = '' } = this.#owner ?? {}
    this.#responseBytes = paired.response.bytes
    this.#tgid = paired.tgid
    this.#peerAddress = peerAddress
    this.#localAddress = localAddress
    this.isLast = heads.response.isLast
    this.#isUsed = false
  }

  #fill({ bytes, request, response }: Paired, heads: Heads): void {
    this.#requestHead = heads.request.end - request.start
    this.#responseHead = heads.response.end - response.start
    const spanAt = this.#requestHead + this.#responseHead
    if (spanAt > ROOM_BYTES) return
    const kept = this.#room()
    kept.set(bytes.subarray(request.start, heads.request.end))
    kept.set(bytes.subarray(response.start, heads.response.end), this.#requestHead)
    this.span.keep(kept, spanAt)
  }

  #room(): Buffer {
    if (this.#kept !== undefined) return this.#kept
    const kept = Buffer.allocUnsafeSlow(ROOM_BYTES)
    this.#kept = kept
    this.#view = new DataView(kept.buffer)
    return kept
  }
}

const slots = Array.from({ length: SLOTS }, () => new Repeat())

/**
 * Clients that poll, checks of health and whoever calls the same thing again and again send the same octets, and within a second hear
 * the same: then the span is the last one with other ids and times.
 */
export const repeatOf = ({ id }: Connection): Repeat => slots[id & (SLOTS - 1)] as Repeat
