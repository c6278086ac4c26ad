import type { Signal } from '../component.ts'
import { ProtobufReader } from './protobuf_reader.ts'
import { len, varint } from './wire.ts'

/** What a backend did not take of a request that it answered with success. */
export interface PartialSuccess {
  readonly rejected: number
  readonly message: string
}

type Encoding = 'proto' | 'json'

const REJECTED: Record<Signal, string> = {
  traces: 'rejectedSpans',
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
  profiles: 'rejectedProfiles',
}

/** Undefined if all was taken, or if the body says nothing that can be read. Source: opentelemetry/proto/collector */
export function parsePartialSuccess(
  body: Uint8Array,
  encoding: Encoding,
  signal: Signal,
): PartialSuccess | undefined {
  const partial = encoding === 'proto' ? partialFromProtobuf(body) : partialFromJson(body, signal)
  return partial.rejected > 0 || partial.message !== '' ? partial : undefined
}

function partialFromProtobuf(body: Uint8Array): PartialSuccess {
  const r = new ProtobufReader(body)
  let rejected = 0
  let message = ''
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag !== len(1)) {
      r.skip(tag, 0)
      continue
    }
    const outer = r.enter()
    for (let inner = r.tag(); inner !== 0; inner = r.tag()) {
      if (inner === varint(1)) rejected = Number(r.int64())
      else if (inner === len(2)) message = r.string()
      else r.skip(inner, 0)
    }
    r.leave(outer)
  }
  return r.fault === undefined ? { rejected, message } : { rejected: 0, message: '' }
}

function partialFromJson(body: Uint8Array, signal: Signal): PartialSuccess {
  const partial = member(parseJson(body), 'partialSuccess')
  const rejected = Number(member(partial, REJECTED[signal]) ?? 0)
  const message = member(partial, 'errorMessage')
  return {
    rejected: Number.isFinite(rejected) ? rejected : 0,
    message: typeof message === 'string' ? message : '',
  }
}

/** The message of a google.rpc.Status, or ''. Source: https://github.com/googleapis/googleapis google/rpc/status.proto */
export function parseStatusMessage(body: Uint8Array, encoding: Encoding): string {
  if (encoding === 'json') {
    const message = member(parseJson(body), 'message')
    return typeof message === 'string' ? message : ''
  }
  const r = new ProtobufReader(body)
  let message = ''
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === len(2)) message = r.string()
    else r.skip(tag, 0)
  }
  return r.fault === undefined ? message : ''
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString())
  } catch {
    return undefined
  }
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
