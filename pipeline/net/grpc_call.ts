import type http2 from 'node:http2'
import { FrameReader } from './grpc_frame.ts'
import { Code, ResetCode, retryDelayOf, type Status, StatusError } from './grpc_status.ts'

/** What a unary call answered with OK. */
export interface Answer {
  readonly message: Buffer
  readonly compressed: boolean
  readonly encoding: string
}

/**
 * Sends the pieces of one message, with its frame, and waits for the status. Rejects with `StatusError` for any status but OK,
 * made of HTTP's where gRPC's is missing. Source: grpc/doc/PROTOCOL-HTTP2.md, http-grpc-status-mapping.md
 */
export function unaryCall(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  pieces: readonly Uint8Array[],
  maxAnswerBytes: number,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers) // throws if the session has ended meanwhile
    const reader = new FrameReader(maxAnswerBytes)
    let head: http2.IncomingHttpHeaders = {}
    let trailers: http2.IncomingHttpHeaders = {}
    let failure: Error | undefined
    const abort = () => stream.close(ResetCode.cancel)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    stream.on('response', (received) => {
      head = received
    })
    stream.on('trailers', (received) => {
      trailers = received
    })
    stream.on('data', (part: Buffer) => reader.push(part))
    stream.on('error', (error) => {
      failure = error
    })
    stream.on('close', () => {
      signal.removeEventListener('abort', abort)
      const status = statusFrom({ ...head, ...trailers }, failure, stream.rstCode)
      if (status.code !== Code.ok) reject(new StatusError(status))
      else resolve({ ...answerOf(reader), encoding: String(head['grpc-encoding'] ?? 'identity') })
    })
    stream.cork()
    for (const piece of pieces) stream.write(piece)
    stream.end()
    stream.uncork()
  })
}

/** An answer that is too large, or none, is an empty one: the status has said that all is well. */
const answerOf = (reader: FrameReader) =>
  reader.take() ?? { message: Buffer.alloc(0), compressed: false }

function statusFrom(
  headers: http2.IncomingHttpHeaders,
  failure: Error | undefined,
  rstCode: number,
): Status {
  const code = headers['grpc-status']
  if (code !== undefined) return grpcStatus(String(code), headers)
  const http = Number(headers[':status'] ?? 200)
  if (http !== 200) {
    return {
      code: HTTP_CODES[http] ?? Code.unknown,
      message: `HTTP status ${http} without a gRPC one`,
    }
  }
  if (failure !== undefined) return { code: Code.unavailable, message: failure.message }
  const ended = rstCode === 0 ? 'the answer ended without a status' : `stream reset: ${rstCode}`
  return { code: RST_CODES[rstCode] ?? Code.unavailable, message: ended }
}

function grpcStatus(code: string, headers: http2.IncomingHttpHeaders): Status {
  const details = headers['grpc-status-details-bin']
  const number = /^\d{1,2}$/.test(code) ? Number(code) : Code.unknown
  return {
    code: number,
    message: decoded(String(headers['grpc-message'] ?? '')),
    ...(typeof details === 'string' && {
      retryAfterMs: retryDelayOf(Buffer.from(details, 'base64')),
    }),
  }
}

function decoded(message: string): string {
  try {
    return decodeURIComponent(message)
  } catch {
    return message // a server that does not encode it
  }
}

const HTTP_CODES: Readonly<Record<number, number>> = {
  400: Code.internal,
  401: Code.unauthenticated,
  403: Code.permissionDenied,
  404: Code.unimplemented,
  429: Code.unavailable,
  502: Code.unavailable,
  503: Code.unavailable,
  504: Code.unavailable,
}

const RST_CODES: Readonly<Record<number, number>> = {
  [ResetCode.protocolError]: Code.internal,
  [ResetCode.internalError]: Code.internal,
  [ResetCode.cancel]: Code.canceled,
  [ResetCode.enhanceYourCalm]: Code.resourceExhausted,
  [ResetCode.inadequateSecurity]: Code.permissionDenied,
}
