import { GrpcContent } from '../grpc/content.ts'
import { type GrpcKind, grpcKind } from '../grpc/content_type.ts'
import type { SeenRequest } from '../http1/exchange.ts'
import { MINOR_HTTP2 } from '../http1/head.ts'
import type { Request, Response } from './heads.ts'

/** A request on a stream, and what has come of it. Times are nanoseconds since the agent's epoch. */
export class Call {
  readonly id: number
  #request: Request
  #startNs: number
  requestTgid: number
  requestBytes = 0
  requestEnded = false
  #requestMessages: GrpcContent
  #response: Response | undefined
  responseTgid = 0
  responseBytes = 0
  responseEnded = false
  /** Of the form that its request has, until a response says which it is. */
  #responseMessages: GrpcContent
  /** When its last frame moved. */
  lastNs: number
  /** Bytes of the connection were missed since it began: what it says may not be all. */
  hasGap = false

  constructor(id: number, request: Request, startNs: number, lastNs: number, tgid: number) {
    this.id = id
    this.#request = request
    this.#startNs = startNs
    this.lastNs = lastNs
    this.requestTgid = tgid
    const kind = grpcKind(request.head.contentType)
    this.#requestMessages = contentOf(kind)
    this.#responseMessages = contentOf(kind)
  }

  /** The request, of a call whose answer was recorded before it. */
  asked(request: Request, startNs: number, tgid: number): void {
    this.#request = request
    this.#startNs = Math.min(this.#startNs, startNs)
    this.requestTgid = tgid
    this.#requestMessages = contentOf(grpcKind(request.head.contentType))
  }

  get request(): Request {
    return this.#request
  }

  get startNs(): number {
    return this.#startNs
  }

  get requestMessages(): GrpcContent {
    return this.#requestMessages
  }

  get response(): Response | undefined {
    return this.#response
  }

  /** A header block of it, or its trailers, were read. */
  answered(response: Response): void {
    this.#response = response
    const kind = grpcKind(response.head.contentType)
    if (kind !== '' && kind !== this.#responseMessages.kind) {
      this.#responseMessages = contentOf(kind)
    }
  }

  get responseMessages(): GrpcContent {
    return this.#responseMessages
  }

  /** By the content type of either side. */
  get grpcKind(): GrpcKind {
    return this.requestMessages.kind || this.#responseMessages.kind
  }

  /** Who handled it: of two processes that share a connection, the one that answered. */
  get tgid(): number {
    return this.responseTgid || this.requestTgid
  }
}

/** Of what is not gRPC nothing is followed, or asked for. */
const NO_CONTENT = new GrpcContent('')
const contentOf = (kind: GrpcKind) => (kind === '' ? NO_CONTENT : new GrpcContent(kind))

/** The request that has upgraded a connection of HTTP/1, whole: it is the first stream's. */
export function upgradedCall({ head, firstNs, lastNs, tgid, bodyBytes }: SeenRequest): Call {
  const request = {
    head: { ...head, minor: MINOR_HTTP2 },
    scheme: '',
    timeout: '',
    unknown: !head.complete,
  }
  const call = new Call(1, request, firstNs, lastNs, tgid)
  call.requestBytes = bodyBytes ?? 0
  call.requestEnded = true
  return call
}

/** How a call ended. `failure` '' when its response came whole; else a value of error.type. */
export interface Ending {
  readonly endNs: number
  readonly failure: string
  /** An error code of HTTP/2 that ended it; undefined when none did. */
  readonly code: number | undefined
  /** It was the client who gave it up. */
  readonly byClient: boolean
}
