import { type ExchangeHost, isSeen, type Onward } from './exchange.ts'
import type { RequestHead, ResponseHead } from './head.ts'
import type { Message } from './message.ts'

/** What follows the exchange of these heads. Source: https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6, https://www.rfc-editor.org/rfc/rfc7540#section-3.2 */
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
