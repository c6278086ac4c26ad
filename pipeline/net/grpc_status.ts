import { ProtobufReader } from '../codec/protobuf_reader.ts'
import { ProtobufWriter } from '../codec/protobuf_writer.ts'
import { len, varint } from '../codec/wire.ts'
import { RefusedError } from '../component.ts'
import { messageOf } from '../message_of.ts'

/** Why an HTTP/2 stream is reset. Source: RFC 9113, 7 */
export const ResetCode = {
  noError: 0,
  protocolError: 1,
  internalError: 2,
  refusedStream: 7,
  cancel: 8,
  enhanceYourCalm: 11,
  inadequateSecurity: 12,
} as const

/** Source: https://grpc.io/docs/guides/status-codes */
export const Code = {
  ok: 0,
  canceled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const

const NAMES = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
]

/** As Go's library prints a code. */
export const codeName = (code: number): string => NAMES[code] ?? `Code(${code})`

/** What a peer answered, or what is to be answered. */
export interface Status {
  readonly code: number
  readonly message: string
  /** Of a RetryInfo among the details. */
  readonly retryAfterMs?: number | undefined
}

/** An error that carries the status that a sender is to see, in whichever protocol it speaks. */
export class StatusError extends Error {
  readonly code = 'STATUS'
  readonly status: Status
  constructor(status: Status, message = status.message, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StatusError'
    this.status = status
  }
}

/** A call that is refused before anybody has looked into its message; `reason` is what it is counted under. */
export class BadCall extends StatusError {
  readonly reason: string
  constructor(reason: string, code: number, message: string) {
    super({ code, message })
    this.name = 'BadCall'
    this.reason = reason
  }
}

/** The status of what the pipeline threw: that of a backend if one is known, else whether trying again makes sense. */
export function statusOf(error: unknown): Status {
  const message = messageOf(error)
  const refused = error instanceof RefusedError
  const retryAfterMs = refused ? error.retryAfterMs : undefined
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof StatusError) return { code: cause.status.code, message, retryAfterMs }
  }
  return { code: refused ? Code.unavailable : Code.internal, message, retryAfterMs }
}

const RETRYABLE: ReadonlySet<number> = new Set([
  Code.canceled,
  Code.deadlineExceeded,
  Code.aborted,
  Code.outOfRange,
  Code.unavailable,
  Code.dataLoss,
])

/** Whether a client may try again. Source: https://opentelemetry.io/docs/specs/otlp/#failures */
export const isRetryable = ({ code, retryAfterMs }: Status): boolean =>
  RETRYABLE.has(code) || (code === Code.resourceExhausted && retryAfterMs !== undefined)

const writer = new ProtobufWriter()
const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo'

/** A google.rpc.Status, with a RetryInfo if a wait is known. */
export function encodeStatus({ code, message, retryAfterMs }: Status): Buffer {
  const details = retryAfterMs === undefined ? undefined : retryInfo(retryAfterMs)
  writer.reset()
  if (code !== 0) writer.uint32(varint(1), code)
  if (message !== '') writer.string(len(2), message)
  if (details !== undefined) writer.bytes(len(3), details)
  return Buffer.from(writer.toBytes())
}

/** google.protobuf.Any of a RetryInfo with its one field, a Duration. */
function retryInfo(ms: number): Uint8Array {
  const seconds = Math.floor(ms / 1000)
  writer.reset()
  if (seconds > 0) writer.uint32(varint(1), seconds)
  const nanos = Math.round((ms - seconds * 1000) * 1e6)
  if (nanos > 0) writer.uint32(varint(2), nanos)
  const delay = writer.toBytes()
  writer.reset()
  writer.bytes(len(1), delay)
  const value = writer.toBytes()
  writer.reset()
  writer.string(len(1), RETRY_INFO)
  writer.bytes(len(2), value)
  return writer.toBytes()
}

/** Milliseconds of the RetryInfo in the details of a google.rpc.Status; undefined if there is none that can be read. */
export function retryDelayOf(status: Uint8Array): number | undefined {
  const r = new ProtobufReader(status)
  let delay: number | undefined
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag !== len(3)) {
      r.skip(tag, 0)
      continue
    }
    const outer = r.enter()
    delay = delayOfAny(r) ?? delay
    r.leave(outer)
  }
  return r.fault === undefined ? delay : undefined
}

function delayOfAny(r: ProtobufReader): number | undefined {
  let type = ''
  let value: Uint8Array = new Uint8Array()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === len(1)) type = r.string()
    else if (tag === len(2)) value = r.bytes()
    else r.skip(tag, 0)
  }
  return type.endsWith('/google.rpc.RetryInfo') ? delayOfInfo(value) : undefined
}

function delayOfInfo(info: Uint8Array): number {
  const r = new ProtobufReader(info)
  let ms = 0
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag !== len(1)) {
      r.skip(tag, 0)
      continue
    }
    const outer = r.enter()
    for (let inner = r.tag(); inner !== 0; inner = r.tag()) {
      if (inner === varint(1)) ms += Number(r.int64()) * 1000
      else if (inner === varint(2)) ms += Number(r.int64()) / 1e6
      else r.skip(inner, 0)
    }
    r.leave(outer)
  }
  return Math.max(0, ms)
}
