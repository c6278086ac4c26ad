import type { Paired } from '../../protocol.ts'
import { PLAIN_METHODS, PlainRequest } from './plain_request.ts'
import { type PlainOutcome, PlainResponse } from './plain_response.ts'

const HEAD = PLAIN_METHODS.indexOf('HEAD')

/** The heads read last: streams are called one at a time, so they share them. */
export const plainRequest = new PlainRequest()
export const plainResponse = new PlainResponse()

/**
 * Bytes of the response in all; -1 unless both messages of an exchange are plain, all that was captured of them suffices, and the
 * request is over. Reads them into `plainRequest` and `plainResponse`.
 */
export function plainResponseBytes({ bytes, request, response }: Paired): number {
  if (!plainRequest.read(bytes, request.start, request.end)) return -1
  const requestBytes = plainRequest.end - request.start + Math.max(plainRequest.contentLength, 0)
  if (requestBytes !== request.bytes) return -1
  if (!plainResponse.read(bytes, response.start, response.end)) return -1
  const content = contentBytes(plainRequest.method, plainResponse)
  return content < 0 ? -1 : plainResponse.end - response.start + content
}

/** Bytes of content that follow the head of a response; -1 when it does not say. Source: RFC 9112, section 6.3 */
export function contentBytes(method: number, head: PlainOutcome): number {
  if (method === HEAD || head.status === 204 || head.status === 304) return 0
  return head.contentLength
}
