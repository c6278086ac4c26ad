import { Protocol } from '../../../bpf/events.gen.ts'
import type {
  Chunk,
  Connection,
  EndReason,
  OpenStream,
  ProtocolEntry,
  RunProgress,
  Stream,
  StreamHost,
} from '../protocol.ts'
import { Fronts, joined } from './chunks/fronts.ts'
import { proxyHeader } from './proxy_header.ts'

/** What is not looked at, and not told to be ignored: its plaintext may be another connection's. */
const UNREAD: Stream = {
  awaitsProgress: false,
  chunk: () => undefined,
  progress: () => undefined,
  end: () => undefined,
}

/** Chunks that are looked at; then it is what it was taken for, or nothing that weir knows. */
const MAX_LOOKS = 64

/**
 * A connection whose protocol is not sure yet. What the kernel took it for is confirmed by that protocol; what it left open is shown
 * to each. Meanwhile it is `fallback`'s, which may give it up.
 */
class Detector implements Stream {
  readonly #connection: Connection
  readonly #host: StreamHost
  readonly #entries: readonly ProtocolEntry[]
  readonly #fronts = new Fronts()
  #stream: Stream
  #looks = 0

  constructor(
    connection: Connection,
    host: StreamHost,
    entries: readonly ProtocolEntry[],
    fallback: OpenStream,
  ) {
    this.#connection = connection
    this.#host = host
    this.#entries = entries
    this.#stream = fallback(connection, host)
  }

  get awaitsProgress(): boolean {
    return this.#stream.awaitsProgress
  }

  chunk(chunk: Chunk): void {
    const held = this.#fronts.take()
    const front = joined(held, chunk)
    if (held !== undefined && front === undefined) this.#stream.chunk(held)
    const whole = front ?? chunk
    const looks = this.#looks < MAX_LOOKS && chunk.bytes > 0
    if (!looks || !this.#look(whole)) this.#stream.chunk(whole)
  }

  progress(run: RunProgress, nowNs: number): void {
    this.#stream.progress(run, nowNs)
  }

  end(reason: EndReason, ns: number): void {
    const held = this.#fronts.take()
    if (held !== undefined) this.#stream.chunk(held)
    this.#stream.end(reason, ns)
  }

  /** In front of all else a proxy may have said whom it serves: what comes behind that is looked at anew. */
  #passProxyHeader({ direction, position, data }: Chunk): boolean {
    if (this.#looks > 1 || direction !== 'request' || this.#connection.adopted) return false
    const header = proxyHeader(data)
    if (header === undefined) return false
    const at = {
      request: position + header.bytes,
      response: this.#connection.begins?.response ?? 0,
    }
    this.#host.count('proxy_header')
    this.#host.become(at, undefined, header.client)
    return true
  }

  /** Opens what is recognised. True: the chunk was kept, for it is too short to tell, or is not for the stream. */
  #look(chunk: Chunk): boolean {
    this.#looks++
    if (this.#connection.protocol === Protocol.HTTP1) {
      this.#looks = MAX_LOOKS
      return false
    }
    if (this.#connection.protocol === Protocol.TLS) {
      this.#looks = MAX_LOOKS
      this.#host.count('tls_ciphertext')
      this.#stream = UNREAD
      return false
    }
    if (this.#passProxyHeader(chunk)) return true
    const found = this.#entries.find((entry) => entry.begins(chunk, this.#connection))
    if (found === undefined) {
      const mayBegin = chunk.direction === 'request' || this.#looks === 1 // a server that greets
      return mayBegin && this.#fronts.keep(chunk)
    }
    this.#looks = MAX_LOOKS
    // The kernel has done so itself if it knew: from here on every byte is wanted.
    const told = this.#connection.protocol === found.id || found.precedesTls?.(chunk) === true
    if (!told) this.#host.verdict(found.verdict ?? 'chunks')
    this.#stream = found.open(this.#connection, this.#host)
    return false
  }
}

/** Follows any connection: those that the kernel took for HTTP/1 by `http1` alone, others by what they turn out to be. */
export const openAny =
  (http1: OpenStream, entries: readonly ProtocolEntry[]): OpenStream =>
  (connection, host) =>
    connection.protocol === Protocol.HTTP1
      ? http1(connection, host)
      : new Detector(connection, host, entries, http1)
