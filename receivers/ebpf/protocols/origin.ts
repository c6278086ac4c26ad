import { type Extracted, NEW_TRACE } from '../trace_context/extract.ts'
import { FLAG_SAMPLED, type RemoteParent } from '../trace_context/parent.ts'
import { parseTraceparent } from '../trace_context/traceparent.ts'
import { parseTracestate } from '../trace_context/tracestate.ts'

/** Headers of a message by which it says where it comes from. */
export const isOfTrace = (name: string): boolean => name === 'traceparent' || name === 'tracestate'

/** Where a message comes from, by its headers. */
export function originOf(headers: ReadonlyMap<string, string>): RemoteParent | undefined {
  const parent = parseTraceparent(headers.get('traceparent') ?? '')
  if (parent === undefined) return undefined
  const state = headers.get('tracestate') ?? ''
  return { ...parent, traceState: state === '' ? '' : parseTracestate(state) }
}

/** What a span about that one message goes on with. */
export const extractedOf = (origin: RemoteParent | undefined): Extracted =>
  origin === undefined
    ? NEW_TRACE
    : { parent: origin, sampled: (origin.flags & FLAG_SAMPLED) !== 0 }
