import type { SpanContext } from '@opentelemetry/api'
import type { HeaderOf } from './spans.ts'

type Propagator = 'tracecontext' | 'b3'

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/
const B3 = /^([0-9a-f]{16}|[0-9a-f]{32})-([0-9a-f]{16})(?:-([01d]))?(?:-[0-9a-f]{16})?$/
const ZERO = /^0+$/
const SAMPLED = 1

/** The span of the sender, by the first propagator that finds one. */
export function remoteParent(
  propagators: readonly Propagator[],
  headerOf: HeaderOf,
): SpanContext | undefined {
  for (const propagator of propagators) {
    const found = propagator === 'tracecontext' ? traceContext(headerOf) : b3(headerOf)
    if (found !== undefined && !ZERO.test(found.traceId) && !ZERO.test(found.spanId)) return found
  }
  return undefined
}

/** Source: https://www.w3.org/TR/trace-context/#traceparent-header */
function traceContext(headerOf: HeaderOf): SpanContext | undefined {
  const [, version, traceId = '', spanId = '', flags = ''] =
    TRACEPARENT.exec(headerOf('traceparent')?.trim() ?? '') ?? []
  if (version === undefined || version === 'ff') return undefined
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & SAMPLED, isRemote: true }
}

/** One header or several. Source: https://github.com/openzipkin/b3-propagation */
function b3(headerOf: HeaderOf): SpanContext | undefined {
  const several = [
    headerOf('x-b3-traceid'),
    headerOf('x-b3-spanid'),
    headerOf('x-b3-flags') === '1' ? 'd' : headerOf('x-b3-sampled'),
  ]
  const text = headerOf('b3') ?? several.filter((part) => part !== undefined).join('-')
  const [, traceId, spanId = '', sampled = '1'] = B3.exec(text.toLowerCase()) ?? []
  if (traceId === undefined) return undefined
  const traceFlags = sampled === '0' ? 0 : SAMPLED
  return { traceId: traceId.padStart(32, '0'), spanId, traceFlags, isRemote: true }
}
