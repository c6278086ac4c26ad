import { type AnyValue, type Attribute, string } from '../../pipeline/data/attributes.ts'
import { grouped, type Placed } from '../../pipeline/data/placed_spans.ts'
import { timeOfMicros } from '../../pipeline/data/time.ts'
import { type Span, SpanKind, type SpanStatus, StatusCode } from '../../pipeline/data/traces.ts'
import type { BinaryAnnotation, Endpoint, SpanV1 } from './model.ts'
import { START_ABSENT } from './translate_v2.ts'
import { intValue, valueOfText } from './value.ts'

/** What the Collector calls a service that does not say its name. */
const UNKNOWN = 'unknown-service'

/** Annotations that say what kind of span it is; they are no events. */
const KINDS: ReadonlyMap<string, number> = new Map([
  ['cs', SpanKind.client],
  ['cr', SpanKind.client],
  ['sr', SpanKind.server],
  ['ss', SpanKind.server],
  ['ms', SpanKind.producer],
  ['mr', SpanKind.consumer],
])

/** Spans by endpoint. */
export const tracesOfV1 = (spans: readonly SpanV1[], parseTags: boolean) =>
  grouped(spans.map((span) => placed(span, parseTags)))

function placed(span: SpanV1, parseTags: boolean): Placed {
  return {
    resource: resourceOf(span),
    scope: { name: '', version: '' },
    span: spanOf(span, parseTags),
  }
}

function resourceOf({ annotations, binaryAnnotations }: SpanV1): Attribute[] {
  const spoke = annotations.find(({ value, endpoint }) => KINDS.has(value) && endpoint?.serviceName)
  const named = binaryAnnotations.findLast(({ endpoint }) => endpoint?.serviceName)
  const component = binaryAnnotations.find(({ key }) => key === 'lc')
  const name = spoke?.endpoint?.serviceName ?? named?.endpoint?.serviceName
  const service = name ?? (component === undefined ? UNKNOWN : String(component.value))
  return [string('service.name', service), ...addressOf(spoke?.endpoint)]
}

function addressOf(endpoint: Endpoint | undefined): Attribute[] {
  const { ipv4 = '', ipv6 = '', port = 0 } = endpoint ?? {}
  const parts = { ipv4, ipv6, port: port === 0 ? '' : String(port) }
  return Object.entries(parts).flatMap(([key, text]) => (text === '' ? [] : [string(key, text)]))
}

function spanOf(span: SpanV1, parseTags: boolean): Span {
  const said = span.annotations.filter(({ value }) => value !== '')
  const kind = said.find(({ value }) => KINDS.has(value))
  const times = said.map(({ timestamp }) => timestamp).sort((a, b) => (a < b ? -1 : 1))
  const start = span.timestamp ?? times[0]
  const end = span.timestamp === undefined ? times.at(-1) : span.timestamp + span.duration
  const absent: Attribute[] =
    start === undefined ? [{ key: START_ABSENT, value: { kind: 'bool', value: true } }] : []
  const tags = span.binaryAnnotations.filter(({ key }) => key !== 'error')
  return {
    traceId: span.traceId,
    spanId: span.id,
    parentSpanId: span.parentId === span.id ? '' : span.parentId,
    traceState: '',
    flags: 0,
    name: span.name,
    kind: kind === undefined ? SpanKind.unspecified : (KINDS.get(kind.value) ?? 0),
    start: timeOfMicros(start ?? 0n),
    end: timeOfMicros(end ?? 0n),
    attributes: [...tags.map((tag) => attributeOf(tag, parseTags)), ...absent],
    droppedAttributesCount: 0,
    events: said
      .filter(({ value }) => !KINDS.has(value))
      .map(({ timestamp, value }) => ({
        time: timeOfMicros(timestamp),
        name: value,
        attributes: [],
        droppedAttributesCount: 0,
      })),
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: statusOf(span.binaryAnnotations.find(({ key }) => key === 'error')),
  }
}

const attributeOf = ({ key, value }: BinaryAnnotation, parseTags: boolean): Attribute => ({
  key: key === 'lc' ? 'component' : key,
  value: anyValue(value, parseTags),
})

function anyValue(value: BinaryAnnotation['value'], parseTags: boolean): AnyValue {
  if (typeof value === 'string') return parseTags ? valueOfText(value) : { kind: 'string', value }
  if (typeof value === 'boolean') return { kind: 'bool', value }
  const isInt = typeof value === 'bigint' || Number.isSafeInteger(value)
  return isInt ? intValue(value) : { kind: 'double', value }
}

function statusOf(error: BinaryAnnotation | undefined): SpanStatus {
  if (error === undefined) return { code: StatusCode.unset, message: '' }
  const text = String(error.value)
  if (text === 'false') return { code: StatusCode.unset, message: '' }
  return { code: StatusCode.error, message: text === 'true' ? '' : text }
}
