import type { ServerResponse } from 'node:http'
import { Code, encodeStatus, type Status, statusOf } from '../../pipeline/net/grpc_status.ts'
import type { Encoding } from './take.ts'

const CONTENT_TYPES: Record<Encoding, string> = {
  proto: 'application/x-protobuf',
  json: 'application/json',
}

/** What HTTP has for a code of gRPC. Source: https://opentelemetry.io/docs/specs/otlp/#failures-1 */
const HTTP_STATUS: Readonly<Record<number, number>> = {
  [Code.canceled]: 503,
  [Code.deadlineExceeded]: 503,
  [Code.aborted]: 503,
  [Code.outOfRange]: 503,
  [Code.unavailable]: 503,
  [Code.dataLoss]: 503,
  [Code.resourceExhausted]: 429,
  [Code.invalidArgument]: 400,
  [Code.unauthenticated]: 401,
  [Code.permissionDenied]: 403,
  [Code.unimplemented]: 404,
}
const WITH_RETRY_AFTER: ReadonlySet<number> = new Set([429, 503])

/** 200 with an empty Export...ServiceResponse. */
export function success(response: ServerResponse, encoding: Encoding): void {
  write(response, 200, CONTENT_TYPES[encoding], encoding === 'json' ? '{}' : '')
}

export function plainText(response: ServerResponse, status: number, text: string): void {
  write(response, status, 'text/plain', text)
}

/** 400: the same bytes will never be taken. */
export function badRequest(response: ServerResponse, encoding: Encoding, message: string): void {
  answer(response, encoding, 400, { code: Code.invalidArgument, message })
}

/** 503 for a refusal, so that the sender tries again; what a backend said if it is known; else 500, so that it does not. */
export function failure(response: ServerResponse, encoding: Encoding, error: unknown): void {
  const status = statusOf(error)
  const httpStatus = HTTP_STATUS[status.code] ?? 500
  if (status.retryAfterMs !== undefined && WITH_RETRY_AFTER.has(httpStatus)) {
    response.setHeader('retry-after', Math.ceil(status.retryAfterMs / 1000))
  }
  answer(response, encoding, httpStatus, status)
}

export function unauthenticated(response: ServerResponse, encoding: Encoding, message: string) {
  answer(response, encoding, 401, { code: Code.unauthenticated, message })
}

/** A google.rpc.Status in the encoding of the request. */
function answer(
  response: ServerResponse,
  encoding: Encoding,
  httpStatus: number,
  status: Status,
): void {
  const { code, message } = status
  const body = encoding === 'json' ? JSON.stringify({ code, message }) : encodeStatus(status)
  write(response, httpStatus, CONTENT_TYPES[encoding], body)
}

function write(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | Uint8Array,
): void {
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length
  response.writeHead(status, { 'content-type': contentType, 'content-length': length }).end(body)
}
