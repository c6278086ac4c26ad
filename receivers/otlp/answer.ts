import type { ServerResponse } from 'node:http'
import { ProtobufWriter } from '../../pipeline/codec/protobuf_writer.ts'
import { len, varint } from '../../pipeline/codec/wire.ts'
import { RefusedError } from '../../pipeline/component.ts'

export type Encoding = 'proto' | 'json'

export const CONTENT_TYPES: Record<Encoding, string> = {
  proto: 'application/x-protobuf',
  json: 'application/json',
}

/** Codes of gRPC that stand in the bodies of errors. Source: https://grpc.io/docs/guides/status-codes */
const Code = { invalidArgument: 3, internal: 13, unavailable: 14 } as const

const writer = new ProtobufWriter()

/** 200 with an empty Export...ServiceResponse. */
export function success(response: ServerResponse, encoding: Encoding): void {
  write(response, 200, CONTENT_TYPES[encoding], encoding === 'json' ? '{}' : '')
}

export function plainText(response: ServerResponse, status: number, text: string): void {
  write(response, status, 'text/plain', text)
}

/** 400: the same bytes will never be taken. */
export function badRequest(response: ServerResponse, encoding: Encoding, message: string): void {
  status(response, encoding, 400, Code.invalidArgument, message)
}

/** 503 for a refusal, so that the sender tries again; 500 for anything else, so that it does not. */
export function failure(response: ServerResponse, encoding: Encoding, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  if (!(error instanceof RefusedError)) {
    status(response, encoding, 500, Code.internal, message)
    return
  }
  if (error.retryAfterMs !== undefined) {
    response.setHeader('retry-after', Math.ceil(error.retryAfterMs / 1000))
  }
  status(response, encoding, 503, Code.unavailable, message)
}

/** A google.rpc.Status in the encoding of the request. */
function status(
  response: ServerResponse,
  encoding: Encoding,
  httpStatus: number,
  code: number,
  message: string,
): void {
  const body = encoding === 'json' ? JSON.stringify({ code, message }) : encoded(code, message)
  write(response, httpStatus, CONTENT_TYPES[encoding], body)
}

function encoded(code: number, message: string): Uint8Array {
  writer.reset()
  writer.uint32(varint(1), code)
  writer.string(len(2), message)
  return writer.toBytes()
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
