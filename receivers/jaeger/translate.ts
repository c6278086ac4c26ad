import { type Attribute, type Attributes, string } from '../../pipeline/data/attributes.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import { grouped, type Placed } from '../../pipeline/data/placed_spans.ts'
import {
  NO_SPAN,
  type Span,
  type SpanEvent,
  SpanKind,
  type SpanLink,
  type SpanStatus,
  StatusCode,
} from '../../pipeline/data/traces.ts'
import { valueText } from '../../pipeline/data/value_text.ts'
import type { JaegerBatch, JaegerSpan, Log, Process } from './model.ts'

/** How OpenTelemetry's exporters to Jaeger say that there is no name. */
const NO_SERVICE = 'OTLPResourceNoServiceName'

const KINDS: Readonly<Record<string, number>> = {
  client: SpanKind.client,
  server: SpanKind.server,
  producer: SpanKind.producer,
  consumer: SpanKind.consumer,
  internal: SpanKind.internal,
}

/** Spans by process and scope, as the Collector translates them. */
export const tracesOf = ({ process, spans }: JaegerBatch): TraceBatch =>
  grouped(spans.map((span) => placed(span, span.process ?? process)))

function placed(span: JaegerSpan, process: Process | undefined): Placed {
  const tags = new Tags(span.tags)
  const name = tags.take('otel.scope.name') ?? tags.take('otel.library.name') ?? ''
  const version = tags.take('otel.scope.version') ?? tags.take('otel.library.version') ?? ''
  return { resource: resourceOf(process), scope: { name, version }, span: spanOf(span, tags) }
}

/** Tags by key; a later one has the place of an earlier one. */
class Tags {
  readonly #tags = new Map<string, Attribute>()

  constructor(tags: readonly Attribute[]) {
    for (const tag of tags) this.#tags.set(tag.key, tag)
  }

  get(key: string): Attribute['value'] | undefined {
    return this.#tags.get(key)?.value
  }

  /** The text of a tag that means something else than an attribute. */
  take(key: string): string | undefined {
    const value = this.get(key)
    this.#tags.delete(key)
    return value && valueText(value)
  }

  rest(): Attributes {
    return [...this.#tags.values()]
  }
}

function resourceOf(process: Process | undefined): Attributes {
  if (process === undefined || process.service === NO_SERVICE) return []
  const service = process.service === '' ? [] : [string('service.name', process.service)]
  const tags = new Tags([...service, ...process.tags])
  const moved: Attribute[] = []
  if (tags.get('hostname') !== undefined && tags.get('host.name') === undefined) {
    moved.push(string('host.name', tags.take('hostname') ?? ''))
  }
  if (tags.get('jaeger.version') !== undefined) {
    moved.push(string('opencensus.exporterversion', `Jaeger-${tags.take('jaeger.version')}`))
  }
  return [...tags.rest(), ...moved]
}

function spanOf(span: JaegerSpan, tags: Tags): Span {
  const kind = KINDS[tags.take('span.kind') ?? ''] ?? SpanKind.unspecified
  const status = statusOf(tags, kind)
  const traceState = tags.take('w3c.tracestate') ?? ''
  const { traceId, spanId, parentSpanId, name, start, end } = span
  return {
    ...NO_SPAN,
    ...{ traceId, spanId, parentSpanId, name, start, end },
    kind,
    status,
    traceState,
    attributes: tags.rest(),
    events: span.logs.map(eventOf),
    links: linksOf(span),
  }
}

/** The tag error says most, then what OpenTelemetry's exporters write, then the status of HTTP. */
function statusOf(tags: Tags, kind: number): SpanStatus {
  const error = tags.get('error')
  const isError = error?.kind === 'bool' && error.value
  const code = tags.take('otel.status_code')?.toUpperCase()
  const http = tags.get('http.status_message')
  const httpMessage = http?.kind === 'string' ? http.value : ''
  if (isError) {
    tags.take('error')
    return {
      code: StatusCode.error,
      message: tags.take('otel.status_description') ?? httpMessage,
    }
  }
  if (code !== undefined) {
    const known = code === 'OK' ? StatusCode.ok : code === 'ERROR' ? StatusCode.error : 0
    return { code: known, message: tags.take('otel.status_description') ?? '' }
  }
  const found = httpStatus(tags.get('http.status_code'), kind)
  return { code: found, message: found === StatusCode.unset ? '' : httpMessage }
}

/** Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/#status */
function httpStatus(value: Attribute['value'] | undefined, kind: number): number {
  if (value?.kind !== 'int' && value?.kind !== 'string') return StatusCode.unset
  const code = Number(value.value)
  if (!Number.isInteger(code)) return StatusCode.unset
  if (code >= 100 && code < 400) return StatusCode.unset
  const isServers = code >= 400 && code < 500 && kind === SpanKind.server
  return isServers ? StatusCode.unset : StatusCode.error
}

function eventOf({ time, fields }: Log): SpanEvent {
  const tags = new Tags(fields)
  const name = tags.take('event') ?? ''
  return { time, name, attributes: tags.rest(), droppedAttributesCount: 0 }
}

function linksOf({ references, parentSpanId }: JaegerSpan): SpanLink[] {
  return references
    .filter(({ type, spanId }) => !(type === 'child_of' && spanId === parentSpanId))
    .map(({ type, traceId, spanId }) => ({
      traceId,
      spanId,
      traceState: '',
      attributes: [string('opentracing.ref_type', type)],
      droppedAttributesCount: 0,
      flags: 0,
    }))
}
