import type { Paired, Positions, Verdict } from '../../protocol.ts'
import type { HeadParsers } from './captured_headers.ts'
import type { RequestHead, ResponseHead } from './head.ts'
import type { Message } from './message.ts'
import type { PlainRequest } from './plain_request.ts'
import type { PlainResponse } from './plain_response.ts'
import type { Http1Reason } from './reasons.ts'

/** Why no whole response came; '' when one did. */
export type Failure = '' | 'connection_closed' | 'connection_reset'

/** A request whose head was seen. */
export type SeenRequest = Message<RequestHead> & { readonly head: RequestHead }

/** A request and what became of it. Times are nanoseconds since the agent's epoch. */
export interface Exchange {
  readonly request: SeenRequest
  /** Undefined: none came (`failure`), or its head was not captured (`partial`). */
  readonly response: Message<ResponseHead> | undefined
  readonly endNs: number
  /** A `Failure`, or another value of error.type. */
  readonly failure: string
  /** A reason's name. */
  readonly partial: string
}

export const isSeen = (request: Message<RequestHead>): request is SeenRequest =>
  request.head !== undefined

/**
 * What follows an exchange that leaves HTTP/1.
 * - `tunnel`: whatever the client and the other end of a CONNECT speak.
 * - `h2c`: HTTP/2, whose first stream is this request.
 * - `other`: what was upgraded to is not followed.
 */
export type Onward = 'tunnel' | 'h2c' | 'other'

/** Whom exchanges, counts and verdicts of one connection are told to. */
export interface ExchangeHost {
  /** In place of those that keep what framing and spans always need. */
  readonly parsers?: HeadParsers | undefined
  exchange(exchange: Exchange): void
  /** A whole exchange whose heads are plain, in place. False: it needs more than that, and nothing was done. */
  plain?(paired: Paired, request: PlainRequest, response: PlainResponse): boolean
  /** The same exchange as the connection's last, if it is: whether its response said that it is the last. Else undefined. */
  again?(paired: Paired): boolean | undefined
  count(reason: Http1Reason, n?: number): void
  verdict(verdict: Verdict): void
  /** HTTP/1 ends behind this exchange. False: nobody reads on. */
  leave?(onward: Onward, request: SeenRequest, at: Positions): boolean
}

/** What was read of a connection, all of it whole exchanges. */
export interface Past {
  readonly position: Positions
  /** The last response said that it is the last. */
  readonly lastAnswered: boolean
}
