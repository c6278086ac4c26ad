import type { Paired } from '../../protocol.ts'
import { PLAIN_METHODS, PlainRequest } from './plain_request.ts'
import { PlainResponse } from './plain_response.ts'

const HEAD = PLAIN_METHODS.indexOf('HEAD')

/** The heads read last: streams are called one at a time, so they share them. */
export const plainRequest = new PlainRequest()
export const plainResponse = new PlainResponse()

/**
 * Whether both messages of an exchange are plain, all that was captured of them suffices, and both are over with its record. Reads
 * them into `plainRequest` and `plainResponse`.
 */
export function isWholePlain({ bytes, request, response }: Paired): boolean {
  if (!plainRequest.read(bytes, request.start, request.end)) return false
  const requestBytes = plainRequest.end - request.start + Math.max(plainRequest.contentLength, 0)
  if (requestBytes !== request.bytes) return false
  if (!plainResponse.read(bytes, response.start, response.end)) return false
  const content = contentBytes(plainRequest.method, plainResponse)
  return content >= 0 && plainResponse.end - response.start + content === response.bytes
}

/** Bytes of content that follow the head of a response; -1 when it does not say. Source: RFC 9112, section 6.3 */
export function contentBytes(method: number, head: PlainResponse): number {
  if (method === HEAD || head.status === 204 || head.status === 304) return 0
  return head.contentLength
}
