import { FLAG_SAMPLED, isId, type RemoteParent } from './parent.ts'

/** A decision without ids: `0` and `1` alone. The trace is then a new one. */
export interface B3Context {
  readonly parent: RemoteParent | undefined
  /** False: the caller asks that nothing be recorded. No word about it counts as yes. */
  readonly sampled: boolean
}

/** The B3 headers, as sent; '' when absent. */
export interface B3Headers {
  readonly b3: string
  readonly b3TraceId: string
  readonly b3SpanId: string
  readonly b3Sampled: string
  readonly b3Flags: string
}

const DENIED = new Set(['0', 'false', 'False'])

/**
 * Reads B3, the single header before the several; undefined when neither says anything valid.
 *
 *     b3: trace-id(16 or 32) "-" span-id(16) [ "-" ( "0" | "1" | "d" ) [ "-" parent-span-id(16) ] ]
 *     b3: "0" | "1" | "d"
 *
 * Source: https://github.com/openzipkin/b3-propagation
 */
export function parseB3(headers: B3Headers): B3Context | undefined {
  if (headers.b3 !== '') return parseSingle(headers.b3)
  const debug = headers.b3Flags === '1'
  const sampled = debug || !DENIED.has(headers.b3Sampled)
  if (headers.b3TraceId === '' && headers.b3SpanId === '') {
    return headers.b3Sampled === '' && !debug ? undefined : { parent: undefined, sampled }
  }
  return context(headers.b3TraceId, headers.b3SpanId, sampled)
}

function parseSingle(text: string): B3Context | undefined {
  if (text === '0') return { parent: undefined, sampled: false }
  if (text === '1' || text === 'd') return { parent: undefined, sampled: true }
  const [traceId = '', spanId = '', decision = '', parentSpanId, more] = text.split('-', 5)
  if (!['', '0', '1', 'd'].includes(decision) || more !== undefined) return undefined
  if (parentSpanId !== undefined && parentSpanId.length !== 16) return undefined
  return context(traceId, spanId, decision !== '0')
}

function context(traceId: string, spanId: string, sampled: boolean): B3Context | undefined {
  const trace = traceId.toLowerCase()
  const span = spanId.toLowerCase()
  if ((trace.length !== 16 && trace.length !== 32) || !isId(trace, 0, trace.length))
    return undefined
  if (span.length !== 16 || !isId(span, 0, 16)) return undefined
  const parent = {
    traceId: trace.padStart(32, '0'),
    spanId: span,
    flags: sampled ? FLAG_SAMPLED : 0,
    traceState: '',
  }
  return { parent, sampled }
}
