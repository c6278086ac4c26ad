import type { Chunk, EndReason, Paired, RunProgress, Stream } from '../../protocol.ts'
import type { ExchangeHost } from './exchange.ts'
import { plainRequest, plainResponse, plainResponseBytes } from './plain_exchange.ts'
import { GrowingExchange } from './plain_growing.ts'
import { type Http1Connection, Http1Stream } from './stitch.ts'

/**
 * Takes the plain exchanges of a connection. As long as there is nothing else, positions are all that is known of it, a tenth of what
 * an Http1Stream takes: that is opened at the first that needs it, and stays.
 */
export class PlainStream implements Stream {
  readonly #connection: Http1Connection
  readonly #host: ExchangeHost
  readonly #past = { position: { request: 0, response: 0 }, lastAnswered: false }
  /** The exchange behind them, until the kernel's counters tell that its response has all moved. */
  #growing: GrowingExchange | undefined
  #whole: Http1Stream | undefined

  constructor(connection: Http1Connection, host: ExchangeHost) {
    this.#connection = connection
    this.#host = host
    Object.assign(this.#past.position, connection.begins)
    if (connection.adopted) this.#open()
  }

  get awaitsProgress(): boolean {
    return this.#growing !== undefined || this.#whole?.awaitsProgress === true
  }

  chunk(chunk: Chunk): void {
    const growing = this.#growing
    const end = chunk.position + chunk.bytes
    if (growing?.continues(chunk)) {
      if (this.#grow(growing, end - growing.response.position, chunk.lastNs)) return
    } else if (this.#whole === undefined && end <= this.#past.position[chunk.direction]) return // counters ran ahead of it
    this.#open().chunk(chunk)
  }

  exchange(paired: Paired): boolean {
    if (this.#growing !== undefined) this.#open()
    const { request, response } = paired
    const at = this.#whole === undefined ? this.#past.position : this.#whole.boundary
    if (at?.request !== request.position || at.response !== response.position) return false
    const isLast = this.#host.again?.(paired)
    if (isLast !== undefined) return this.#pass(paired, isLast)
    const responseBytes = plainResponseBytes(paired)
    if (responseBytes < response.bytes) return false
    if (responseBytes === response.bytes) return this.#take(paired)
    this.#growing = new GrowingExchange(paired, responseBytes)
    return true
  }

  progress(run: RunProgress, nowNs: number): void {
    const growing = this.#growing
    if (growing !== undefined) {
      // What is of a later run waits for the records up to it.
      if (run.direction === 'request' || run.position !== growing.response.position) return
      const takes = this.#grow(growing, run.bytes, run.lastNs)
      const isCut = run.inOrder && this.#growing !== undefined
      if (takes && !isCut) return
    } else if (this.#whole === undefined) {
      if (run.position + run.bytes <= this.#past.position[run.direction]) return
    }
    this.#open().progress(run, nowNs)
  }

  end(reason: EndReason, ns: number): void {
    const isOver = this.#whole === undefined && this.#growing === undefined
    if (isOver && reason !== 'in' && reason !== 'out') return
    this.#open().end(reason, ns)
  }

  /** Of the whole exchange whose heads were read last. */
  #take(paired: Paired): boolean {
    if (this.#host.plain?.(paired, plainRequest, plainResponse) !== true) return false
    return this.#pass(paired, plainResponse.isLast)
  }

  #pass({ request, response }: Paired, isLast: boolean): true {
    const past = this.#past
    past.position.request = request.position + request.bytes
    past.position.response = response.position + response.bytes
    past.lastAnswered = isLast
    this.#whole?.passed(past)
    return true
  }

  /** So many bytes of its response have moved. False: it has become more than a plain exchange. */
  #grow(growing: GrowingExchange, bytes: number, lastNs: number): boolean {
    const { response, responseBytes } = growing
    if (bytes > responseBytes) return false
    if (bytes > response.bytes) {
      response.bytes = bytes
      response.lastNs = lastNs
    }
    if (response.bytes < responseBytes) return true
    plainResponseBytes(growing)
    if (!this.#take(growing)) return false
    this.#growing = undefined
    return true
  }

  #open(): Http1Stream {
    const began = this.#connection.begins?.response ?? 0
    const past = this.#past.position.response > began ? this.#past : undefined
    this.#whole ??= new Http1Stream(this.#connection, this.#host, past)
    const growing = this.#growing
    this.#growing = undefined
    if (growing !== undefined) {
      this.#whole.chunk(growing.chunk('request'))
      this.#whole.chunk(growing.chunk('response'))
    }
    return this.#whole
  }
}
