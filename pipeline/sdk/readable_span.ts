import {
  createTraceState,
  type HrTime,
  type Link,
  type Attributes as SdkAttributes,
  type AttributeValue as SdkValue,
  type SpanContext,
  type SpanKind,
  type SpanStatusCode,
} from '@opentelemetry/api'
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import type { AnyValue, Attributes } from '../data/attributes.ts'
import type { UnixTime } from '../data/time.ts'
import type { ResourceSpans, Span } from '../data/traces.ts'
import { valueText } from '../data/value_text.ts'

const SECOND_NS = 1e9
/** Of OTLP's flags: those of W3C, and whether the parent is of another process. */
const TRACE_FLAGS = 0xff
const IS_REMOTE = 0x200

type ScopeOfSdk = ReadableSpan['instrumentationScope']

/** Spans as OpenTelemetry's SDK for JavaScript holds them. What it cannot hold becomes text: bytes, maps, and lists of several types. */
export function readableSpans({ resource, scopeSpans, schemaUrl }: ResourceSpans): ReadableSpan[] {
  const shared = resourceFromAttributes(sdkAttributes(resource.attributes), { schemaUrl })
  return scopeSpans.flatMap(({ scope, spans, schemaUrl: url }) => {
    const named: ScopeOfSdk = { name: scope.name, version: scope.version, schemaUrl: url }
    return spans.map((span) => readableSpan(span, shared, named))
  })
}

function readableSpan(span: Span, resource: Resource, scope: ScopeOfSdk): ReadableSpan {
  const { traceId, parentSpanId, flags } = span
  const context = contextOf(span)
  const parent: SpanContext = {
    traceId,
    spanId: parentSpanId,
    traceFlags: flags & TRACE_FLAGS,
    isRemote: (flags & IS_REMOTE) !== 0,
  }
  return {
    name: span.name,
    kind: Math.max(0, span.kind - 1) as SpanKind,
    spanContext: () => context,
    ...(parentSpanId !== '' && { parentSpanContext: parent }),
    startTime: hrTime(span.start),
    endTime: hrTime(span.end),
    duration: durationOf(span),
    ended: true,
    status: { code: span.status.code as SpanStatusCode, message: span.status.message },
    attributes: sdkAttributes(span.attributes),
    links: span.links.map(
      (link): Link => ({
        context: contextOf(link),
        attributes: sdkAttributes(link.attributes),
        droppedAttributesCount: link.droppedAttributesCount,
      }),
    ),
    events: span.events.map(({ time, name, attributes, droppedAttributesCount }) => ({
      time: hrTime(time),
      name,
      attributes: sdkAttributes(attributes),
      droppedAttributesCount,
    })),
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
    ...beforeVersion2(parentSpanId, scope),
  }
}

/** What exporters for the SDK's first version read. */
const beforeVersion2 = (parentSpanId: string, instrumentationLibrary: ScopeOfSdk): object => ({
  ...(parentSpanId !== '' && { parentSpanId }),
  instrumentationLibrary,
})

const contextOf = (of: {
  readonly traceId: string
  readonly spanId: string
  readonly traceState: string
  readonly flags: number
}): SpanContext => ({
  traceId: of.traceId,
  spanId: of.spanId,
  traceFlags: of.flags & TRACE_FLAGS,
  ...(of.traceState !== '' && { traceState: createTraceState(of.traceState) }),
})

const hrTime = ([seconds, nanoseconds]: UnixTime): HrTime => [seconds, nanoseconds]

/** None if it ends before it starts. */
function durationOf({ start, end }: Span): HrTime {
  const seconds = end[0] - start[0]
  const nanoseconds = end[1] - start[1]
  const [whole, rest] =
    nanoseconds < 0 ? [seconds - 1, nanoseconds + SECOND_NS] : [seconds, nanoseconds]
  return whole < 0 ? [0, 0] : [whole, rest]
}

/** Of a key that comes twice the last value. */
const sdkAttributes = (attributes: Attributes): SdkAttributes =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, sdkValue(value)]))

function sdkValue(value: AnyValue): SdkValue {
  switch (value.kind) {
    case 'string':
    case 'bool':
    case 'double':
      return value.value
    case 'int':
      return Number(value.value)
    case 'array': {
      const all = value.value.map(sdkValue)
      const isUniform = all.every((one) => typeof one === typeof all[0] && typeof one !== 'object')
      return isUniform ? (all as string[]) : valueText(value)
    }
    default:
      return valueText(value)
  }
}
