import type { Chunk, Connection, EndReason, Paired, RunProgress, Stream } from '../../protocol.ts'
import type { ExchangeHost } from './exchange.ts'
import { isWholePlain, plainRequest, plainResponse } from './plain_exchange.ts'
import { Http1Stream } from './stitch.ts'

/**
 * Takes the plain exchanges of a connection. As long as there is nothing else, positions are all that is known of it, a tenth of what
 * an Http1Stream takes: that is opened at the first that needs it, and stays.
 */
export class PlainStream implements Stream {
  readonly #connection: Pick<Connection, 'role' | 'adopted'>
  readonly #host: ExchangeHost
  readonly #past = { position: { request: 0, response: 0 }, lastAnswered: false }
  #whole: Http1Stream | undefined

  constructor(connection: Pick<Connection, 'role' | 'adopted'>, host: ExchangeHost) {
    this.#connection = connection
    this.#host = host
    if (connection.adopted) this.#open()
  }

  get awaitsProgress(): boolean {
    return this.#whole?.awaitsProgress === true
  }

  chunk(chunk: Chunk): void {
    this.#open().chunk(chunk)
  }

  exchange(paired: Paired): boolean {
    const { request, response } = paired
    const past = this.#past
    const at = this.#whole === undefined ? past.position : this.#whole.boundary
    if (at?.request !== request.position || at.response !== response.position) return false
    if (!isWholePlain(paired)) return false
    if (this.#host.plain?.(paired, plainRequest, plainResponse) !== true) return false
    past.position.request = request.position + request.bytes
    past.position.response = response.position + response.bytes
    past.lastAnswered = plainResponse.isLast
    this.#whole?.passed(past)
    return true
  }

  progress(run: RunProgress, nowNs: number): void {
    const isNew = run.position + run.bytes > this.#past.position[run.direction]
    if (this.#whole !== undefined || isNew) this.#open().progress(run, nowNs)
  }

  end(reason: EndReason, ns: number): void {
    if (this.#whole === undefined && reason !== 'in' && reason !== 'out') return
    this.#open().end(reason, ns)
  }

  #open(): Http1Stream {
    const past = this.#past.position.response > 0 ? this.#past : undefined
    this.#whole ??= new Http1Stream(this.#connection, this.#host, past)
    return this.#whole
  }
}
