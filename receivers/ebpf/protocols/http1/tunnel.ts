import { type ExchangeHost, isSeen } from './exchange.ts'
import type { RequestHead, ResponseHead } from './head.ts'
import type { Message } from './message.ts'

/**
 * What follows an exchange that leaves HTTP/1.
 * - `tunnel`: whatever the client and the other end of a CONNECT speak.
 * - `h2c`: HTTP/2, whose first stream is this request.
 * - `other`: what was upgraded to is not followed.
 */
export type Onward = 'tunnel' | 'h2c' | 'other'

/** Source: https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6, https://www.rfc-editor.org/rfc/rfc7540#section-3.2 */
export function onwardOf({ method }: RequestHead, { status, upgrade }: ResponseHead): Onward {
  if (status !== 101) return method === 'CONNECT' ? 'tunnel' : 'other'
  return upgrade.trim().toLowerCase() === 'h2c' ? 'h2c' : 'other'
}

/** The connection leaves HTTP/1 behind this exchange. False: nobody reads on. */
export function handOver(
  host: ExchangeHost,
  onward: Onward,
  request: Message<RequestHead>,
  response: Message<ResponseHead>,
): boolean {
  if (!isSeen(request) || host.leave === undefined) return false
  return host.leave(onward, request, {
    request: request.position + request.bytes,
    response: response.position + response.headBytes,
  })
}
