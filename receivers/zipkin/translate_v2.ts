import {
  type AnyValue,
  type Attribute,
  type Attributes,
  int,
  string,
} from '../../pipeline/data/attributes.ts'
import { grouped, type Placed } from '../../pipeline/data/placed_spans.ts'
import { timeOfMicros } from '../../pipeline/data/time.ts'
import {
  type Span,
  type SpanEvent,
  SpanKind,
  type SpanStatus,
  StatusCode,
} from '../../pipeline/data/traces.ts'
import { listsOf } from './lists.ts'
import type { Endpoint, SpanV2 } from './model.ts'
import { isResourceKey } from './resource_keys.ts'
import { valueOfText } from './value.ts'

const KINDS = {
  '': SpanKind.unspecified,
  CLIENT: SpanKind.client,
  SERVER: SpanKind.server,
  PRODUCER: SpanKind.producer,
  CONSUMER: SpanKind.consumer,
} as const

const CODES: ReadonlyMap<string, number> = new Map([
  ['OK', StatusCode.ok],
  ['ERROR', StatusCode.error],
])

/** Spans by service, resource and scope. Tags that describe a resource go there, as OpenTelemetry's own exporters write them. */
export const tracesOfV2 = (spans: readonly SpanV2[], parseTags: boolean) =>
  grouped(spans.map((span) => placed(span, parseTags)))

function placed(span: SpanV2, parseTags: boolean): Placed {
  const tags = new Map(span.tags)
  const take = (key: string): string => {
    const value = tags.get(key) ?? ''
    tags.delete(key)
    return value
  }
  const source = take('otlp.service.name.source') || 'service.name'
  const service = span.local?.serviceName ?? ''
  const scope = {
    name: take('otel.scope.name') || take('otel.library.name'),
    version: take('otel.scope.version') || take('otel.library.version'),
  }
  const resource: Attribute[] = service === '' ? [] : [string(source, service)]
  for (const [key, value] of [...tags].filter(([key]) => isResourceKey(key))) {
    tags.delete(key)
    if (key !== source || service === '') resource.push(string(key, value))
  }
  return { resource, scope, span: spanOf(span, tags, take, parseTags) }
}

function spanOf(
  span: SpanV2,
  tags: Map<string, string>,
  take: (key: string) => string,
  parseTags: boolean,
): Span {
  const start = span.timestamp ?? 0n
  const isInternal = span.kind === '' && tags.get('span.kind') === 'internal'
  if (isInternal) tags.delete('span.kind')
  const traceState = take('w3c.tracestate')
  const status = statusOf(tags, take)
  const { links, droppedLinksCount } = listsOf.links(take, tags)
  return {
    traceId: span.traceId,
    spanId: span.id,
    parentSpanId: span.parentId === span.id ? '' : span.parentId,
    traceState,
    flags: 0,
    name: span.name,
    kind: isInternal ? SpanKind.internal : KINDS[span.kind],
    start: timeOfMicros(start),
    end: timeOfMicros(start + span.duration),
    attributes: attributesOf(span, tags, parseTags),
    droppedAttributesCount: 0,
    events: span.annotations.map(
      (one): SpanEvent => ({ time: timeOfMicros(one.timestamp), ...listsOf.event(one.value) }),
    ),
    droppedEventsCount: 0,
    links,
    droppedLinksCount,
    status,
  }
}

function statusOf(tags: Map<string, string>, take: (key: string) => string): SpanStatus {
  const code = take('otel.status_code').toUpperCase().replace('STATUS_CODE_', '')
  const message = take('otel.status_description')
  if (tags.get('error') !== 'true') return { code: CODES.get(code) ?? StatusCode.unset, message }
  tags.delete('error')
  return { code: StatusCode.error, message }
}

function attributesOf(
  span: SpanV2,
  tags: ReadonlyMap<string, string>,
  parseTags: boolean,
): Attributes {
  const own = [...tags].map(([key, text]) => ({
    key,
    value: parseTags ? valueOfText(text) : textValue(text),
  }))
  const absent: Attribute[] =
    span.timestamp === undefined
      ? [{ key: START_ABSENT, value: { kind: 'bool', value: true } }]
      : []
  const peer = span.remote?.serviceName ? [string('peer.service', span.remote.serviceName)] : []
  const known = [
    ...peer,
    ...address(span.local, 'net.host'),
    ...address(span.remote, 'net.peer'),
    ...absent,
  ]
  return [...own, ...known.filter(({ key }) => !tags.has(key))]
}

/** As the Collector marks a span that has no start. */
export const START_ABSENT = 'otel.zipkin.absentField.startTime'

const textValue = (value: string): AnyValue => ({ kind: 'string', value })

function address(endpoint: Endpoint | undefined, prefix: string): Attribute[] {
  if (endpoint === undefined) return []
  const ip = endpoint.ipv6 || endpoint.ipv4
  return [
    ...(ip === '' ? [] : [string(`${prefix}.ip`, ip)]),
    ...(endpoint.port === 0 ? [] : [int(`${prefix}.port`, endpoint.port)]),
  ]
}
