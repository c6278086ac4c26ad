import type { SeenRequest } from '../http1/exchange.ts'
import { MINOR_HTTP2 } from '../http1/head.ts'
import type { Request, Response } from './heads.ts'
import { MessageCounter } from './messages.ts'

const GRPC = 'application/grpc'
const isGrpc = (type: string) =>
  type.startsWith(GRPC) && (type.length === GRPC.length || '+;'.includes(type.charAt(GRPC.length)))

/** A request on a stream, and what has come of it. Times are nanoseconds since the agent's epoch. */
export class Call {
  readonly id: number
  readonly request: Request
  readonly startNs: number
  requestTgid: number
  requestBytes = 0
  requestEnded = false
  readonly requestMessages = new MessageCounter()
  response: Response | undefined
  responseTgid = 0
  responseBytes = 0
  responseEnded = false
  readonly responseMessages = new MessageCounter()
  /** When its last frame moved. */
  lastNs: number
  /** Bytes of the connection were missed since it began: what it says may not be all. */
  hasGap = false

  constructor(id: number, request: Request, startNs: number, lastNs: number, tgid: number) {
    this.id = id
    this.request = request
    this.startNs = startNs
    this.lastNs = lastNs
    this.requestTgid = tgid
  }

  /** By the content type of either side. gRPC-Web is not gRPC: it has no trailers of its own. */
  get isGrpc(): boolean {
    return isGrpc(this.request.head.contentType) || isGrpc(this.response?.head.contentType ?? '')
  }

  /** Who handled it: of two processes that share a connection, the one that answered. */
  get tgid(): number {
    return this.responseTgid || this.requestTgid
  }
}

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
