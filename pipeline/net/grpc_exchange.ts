import type http2 from 'node:http2'
import type { Admitted } from '../admission.ts'
import { FrameReader, frame, GRPC_ENCODINGS } from './grpc_frame.ts'
import { BadCall, Code, encodeStatus, ResetCode, type Status } from './grpc_status.ts'

const EMPTY_ANSWER = Buffer.concat(frame([], false))
const HEADERS_OF_ANSWER = {
  ':status': 200,
  'content-type': 'application/grpc',
  'grpc-accept-encoding': GRPC_ENCODINGS.join(','),
}

/** The one message of a call. Rejects with the status to answer when it is too large, cut, or refused by who admits it. */
export function readMessage(stream: http2.ServerHttp2Stream, maxBytes: number, admitted: Admitted) {
  const reader = new FrameReader(maxBytes)
  return new Promise<{ compressed: boolean; message: Buffer }>((resolve, reject) => {
    const fail = (code: number, message: string) => reject(new BadCall('aborted', code, message))
    stream.on('data', (part: Buffer) => {
      try {
        const wanted = reader.push(part)
        if (wanted) admitted.grow(reader.claimedBytes)
        else throw faultOf(reader, maxBytes)
      } catch (refusal) {
        stream.pause()
        reject(refusal as Error)
      }
    })
    stream.on('end', () => {
      const message = reader.take()
      if (message === undefined) fail(Code.internal, 'grpc: the call ended within its message')
      else resolve(message)
    })
    stream.on('close', () => {
      if (!stream.readableEnded) fail(Code.canceled, 'grpc: the client went away')
    })
  })
}

function faultOf({ fault, claimedBytes }: FrameReader, maxBytes: number): BadCall {
  if (fault === 'several') {
    return new BadCall('invalid', Code.internal, 'grpc: several messages in a unary call')
  }
  const message = `grpc: received message larger than max (${claimedBytes} vs. ${maxBytes})`
  return new BadCall('too_large', Code.resourceExhausted, message)
}

/** Ends the call with a status, and a message if it is OK: bytes, or an empty one. */
export function respond(stream: http2.ServerHttp2Stream, status: Status, answer: unknown): void {
  if (stream.destroyed || stream.closed) return
  if (status.code === Code.ok) {
    stream.respond(HEADERS_OF_ANSWER, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(answer instanceof Uint8Array ? Buffer.concat(frame([answer], false)) : EMPTY_ANSWER)
    return
  }
  stream.respond(
    {
      ...HEADERS_OF_ANSWER,
      'grpc-status': String(status.code),
      'grpc-message': encodeURI(status.message.toWellFormed()),
      ...(status.retryAfterMs !== undefined && {
        'grpc-status-details-bin': encodeStatus(status).toString('base64'),
      }),
    },
    { endStream: true },
  )
  // What the client still sends is of no use, and nobody reads it. At once, the reset would overtake the answer.
  if (!stream.readableEnded) setImmediate(() => stream.close(ResetCode.noError))
}
