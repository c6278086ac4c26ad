import type { Exchange } from '../http1/exchange.ts'
import { UNKNOWN } from '../http1/framing.ts'
import { CONTENT_LENGTH_ABSENT, type ResponseHead } from '../http1/head.ts'
import type { Message } from '../http1/message.ts'
import { type RequestUrl, requestUrl } from '../http1/url.ts'
import type { Call, Ending } from './call.ts'
import { errorName } from './errors.ts'

/** Why a call was seen only in part: a reason's name; '' when it was not. */
export function partialOf(call: Call): string {
  if (call.hasGap) return 'http2_gap'
  const { request, response } = call
  const lacksStatus = response?.unknown === true && !hasStatus(call, response.head)
  return request.unknown || lacksStatus ? 'http2_fields_unknown' : ''
}

/** Does the response say how it went? */
function hasStatus({ grpcKind, responseMessages }: Call, head: ResponseHead): boolean {
  if (head.status === 0) return false
  return grpcKind === '' || head.grpcStatus !== '' || responseMessages.status !== ''
}

export const failureOf = ({ failure, code }: Ending): string =>
  code === undefined ? failure : errorName(code)

/** As HTTP/1 would have it: attributes, names and errors are the same. */
export function exchangeOf(call: Call, ending: Ending): Exchange {
  const { request, response } = call
  const { head } = request
  // What has content and says no length is what HTTP/1 sends in chunks.
  if (call.requestBytes > 0 && head.contentLength === CONTENT_LENGTH_ABSENT) head.chunked = true
  const asked = messageOf(head, call.startNs, call.requestTgid, call.requestBytes)
  const answered =
    response === undefined
      ? undefined
      : messageOf(response.head, call.startNs, call.responseTgid, call.responseBytes)
  asked.ended = call.requestEnded
  if (answered !== undefined) answered.ended = call.responseEnded
  return {
    request: { ...asked, head },
    response: answered,
    endNs: ending.endNs,
    failure: failureOf(ending),
    partial: partialOf(call),
  }
}

const messageOf = <Head>(
  head: Head,
  ns: number,
  tgid: number,
  bodyBytes: number,
): Message<Head> => ({
  position: 0,
  head,
  headBytes: 0,
  tgid,
  firstNs: ns,
  lastNs: ns,
  framing: UNKNOWN,
  bytes: bodyBytes,
  bodyBytes,
  ended: false,
  partial: '',
  content: undefined,
})

export function urlOf({ request: { head, scheme } }: Call): RequestUrl {
  const url = requestUrl(head.method, head.target, head.host)
  return scheme === '' ? url : { ...url, scheme }
}
