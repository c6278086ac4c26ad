import type { Attribute } from '../../../../pipeline/data/attributes.ts'

/** A Content-Length that several headers contradict, or that is no number. */
export const CONTENT_LENGTH_INVALID = -2
export const CONTENT_LENGTH_ABSENT = -1

/** The header fields that carry trace context, as sent; '' when absent. */
export interface TraceHeaders {
  traceparent: string
  /** More than one traceparent makes all of them void. */
  traceparents: number
  /** Several headers joined with commas, in order. */
  tracestate: string
  b3: string
  b3TraceId: string
  b3SpanId: string
  b3Sampled: string
  b3Flags: string
}

/** What a proxy says of the client before it. Forgeable by that client: used only when asked for. */
export interface ForwardedHeaders {
  forwarded: string
  forwardedFor: string
}

/** The header fields that framing, span and trace context need; text as sent, '' when absent. */
export interface Fields {
  host: string
  userAgent: string
  contentType: string
  /** Bytes, or CONTENT_LENGTH_ABSENT, or CONTENT_LENGTH_INVALID. */
  contentLength: number
  transferEncoding: boolean
  /** `chunked` is the last transfer coding. */
  chunked: boolean
  connectionClose: boolean
  connectionKeepAlive: boolean
  upgrade: string
  /** As sent: a call of gRPC that has nothing else to say. */
  grpcStatus: string
  trace: TraceHeaders | undefined
  forwarded: ForwardedHeaders | undefined
  /** Of headers that spans show; undefined unless somebody asks for some. */
  shown: readonly Attribute[] | undefined
}

export interface RequestHead extends Fields {
  method: string
  target: string
  /** Of HTTP/1; MINOR_UNSEEN when the capture ended before the version, MINOR_HTTP2 when it is not HTTP/1. */
  minor: number
  /** False: the capture ended inside the head, and what lies beyond is not known. */
  complete: boolean
  /** False: it even ended inside the target, which then is only its beginning. */
  targetComplete: boolean
}

export interface ResponseHead extends Fields {
  status: number
  minor: number
  complete: boolean
}

export const MINOR_UNSEEN = -1
/** Where HTTP/1 has its minor: it is HTTP/2, which has none. */
export const MINOR_HTTP2 = 2

/** A head before its fields are read. Both functions write every field in one literal: one shape, no dictionary. */
export const requestHead = (method: string, target: string, minor: number): RequestHead => ({
  method,
  target,
  minor,
  complete: false,
  targetComplete: true,
  host: '',
  userAgent: '',
  contentType: '',
  contentLength: CONTENT_LENGTH_ABSENT,
  transferEncoding: false,
  chunked: false,
  connectionClose: false,
  connectionKeepAlive: false,
  upgrade: '',
  grpcStatus: '',
  trace: undefined,
  forwarded: undefined,
  shown: undefined,
})

export const responseHead = (status: number, minor: number): ResponseHead => ({
  status,
  minor,
  complete: false,
  host: '',
  userAgent: '',
  contentType: '',
  contentLength: CONTENT_LENGTH_ABSENT,
  transferEncoding: false,
  chunked: false,
  connectionClose: false,
  connectionKeepAlive: false,
  upgrade: '',
  grpcStatus: '',
  trace: undefined,
  forwarded: undefined,
  shown: undefined,
})

export const emptyTraceHeaders = (): TraceHeaders => ({
  traceparent: '',
  traceparents: 0,
  tracestate: '',
  b3: '',
  b3TraceId: '',
  b3SpanId: '',
  b3Sampled: '',
  b3Flags: '',
})
