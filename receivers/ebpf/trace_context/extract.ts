import { type B3Headers, parseB3 } from './b3.ts'
import { FLAG_SAMPLED, type RemoteParent } from './parent.ts'
import { parseTraceparent } from './traceparent.ts'
import { parseTracestate } from './tracestate.ts'

/** The trace context headers of one request, as sent. */
export interface TraceContextHeaders extends B3Headers {
  readonly traceparent: string
  /** How many there were: more than one makes all of them void. */
  readonly traceparents: number
  readonly tracestate: string
}

/** `parent` undefined: a new trace. `sampled`: what the caller decided, true when it said nothing. */
export interface Extracted {
  readonly parent: RemoteParent | undefined
  readonly sampled: boolean
}

export const NEW_TRACE: Extracted = { parent: undefined, sampled: true }

/** Reads W3C trace context, and B3 when that is absent or void. No parent is ever guessed. */
export function extract(headers: TraceContextHeaders | undefined): Extracted {
  if (headers === undefined) return NEW_TRACE
  const w3c = headers.traceparents === 1 ? parseTraceparent(headers.traceparent) : undefined
  if (w3c === undefined) return parseB3(headers) ?? NEW_TRACE
  const traceState = headers.tracestate === '' ? '' : parseTracestate(headers.tracestate)
  const { traceId, spanId, flags } = w3c
  return {
    parent: { traceId, spanId, flags, traceState },
    sampled: (flags & FLAG_SAMPLED) !== 0,
  }
}
