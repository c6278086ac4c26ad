import {
  CONTENT_LENGTH_ABSENT,
  CONTENT_LENGTH_INVALID,
  type RequestHead,
  type ResponseHead,
} from './head.ts'

/**
 * How the end of a message is found.
 * - `none`: with its head. `length`: after so many bytes. `chunked`: by its coding. `close`: with the direction.
 * - `unknown`: with the next message the other way, for the head (or its framing) is not known.
 * - `tunnel`: what follows is not HTTP.
 */
export type Framing =
  | { readonly kind: 'none' | 'chunked' | 'close' | 'unknown' | 'tunnel' }
  | { readonly kind: 'length'; readonly bytes: number }

export const NONE: Framing = { kind: 'none' }
const CHUNKED: Framing = { kind: 'chunked' }
const CLOSE: Framing = { kind: 'close' }
export const UNKNOWN: Framing = { kind: 'unknown' }
const TUNNEL: Framing = { kind: 'tunnel' }

/** Source: https://www.rfc-editor.org/rfc/rfc9112#section-6.3 */
export function requestFraming(head: RequestHead): Framing {
  if (head.chunked) return CHUNKED
  if (head.transferEncoding || head.contentLength === CONTENT_LENGTH_INVALID) return UNKNOWN
  if (head.contentLength !== CONTENT_LENGTH_ABSENT) return length(head.contentLength)
  return head.complete ? NONE : UNKNOWN
}

/** `method` is that of the request, '' when it is not known. Source: as above */
export function responseFraming(head: ResponseHead, method: string): Framing {
  const { status } = head
  if (status === 101 || (method === 'CONNECT' && status >= 200 && status < 300)) return TUNNEL
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return NONE
  if (head.chunked) return CHUNKED
  if (head.transferEncoding || head.contentLength === CONTENT_LENGTH_INVALID) return CLOSE
  if (head.contentLength !== CONTENT_LENGTH_ABSENT) return length(head.contentLength)
  return head.complete ? CLOSE : UNKNOWN
}

const length = (bytes: number): Framing => (bytes === 0 ? NONE : { kind: 'length', bytes })

/** True when the server reads no further request on this connection. */
export const isLastOfConnection = (head: ResponseHead): boolean =>
  head.connectionClose || (head.minor === 0 && !head.connectionKeepAlive)
