import {
  type Attribute,
  type Attributes,
  attribute,
  attributeIn,
  string,
} from '../../pipeline/data/attributes.ts'
import type { LogRecord, ResourceLogs } from '../../pipeline/data/logs.ts'
import type { Resource, Scope } from '../../pipeline/data/resource.ts'
import type { UnixTime } from '../../pipeline/data/time.ts'
import { codeName, kindName, type ResourceSpans, type Span } from '../../pipeline/data/traces.ts'
import { valueText } from '../../pipeline/data/value_text.ts'
import { adjustedCount } from '../../pipeline/metrics/adjusted_count.ts'
import type { ExceptionsConfig } from './config.ts'

const EXCEPTION = 'exception'

/** An exception, of a span event or of a log record that is one. */
export interface Found {
  readonly service: string
  readonly span: Span | undefined
  readonly attributes: Attributes
  readonly resource: Resource
  readonly scope: Scope
  readonly time: UnixTime
  readonly traceId: string
  readonly spanId: string
  /** How many it stands for, if its trace was sampled. */
  readonly weight: number
  readonly record: LogRecord | undefined
}

/** Undefined for a resource without a name, of which no exception is told. */
function serviceOf({ attributes }: Resource): string | undefined {
  const value = attribute(attributes, 'service.name')
  return value && valueText(value)
}

export function ofSpans({ resource, scopeSpans }: ResourceSpans): Found[] {
  const service = serviceOf(resource)
  if (service === undefined) return []
  return scopeSpans.flatMap(({ scope, spans }) =>
    spans.flatMap((span) =>
      span.events
        .filter(({ name }) => name === EXCEPTION)
        .map(({ attributes, time }) => {
          const { traceId, spanId } = span
          const weight = adjustedCount(span.traceState)
          const ids = { traceId, spanId, weight, record: undefined }
          return { service, span, attributes, resource, scope, time, ...ids }
        }),
    ),
  )
}

export function ofRecords({ resource, scopeLogs }: ResourceLogs): Found[] {
  const service = serviceOf(resource)
  if (service === undefined) return []
  return scopeLogs.flatMap(({ scope, logRecords }) =>
    logRecords
      .filter(({ eventName }) => eventName === EXCEPTION)
      .map((record) => {
        const { attributes, time, traceId, spanId } = record
        const ids = { traceId, spanId, weight: 1, record, span: undefined }
        return { service, attributes, resource, scope, time, ...ids }
      }),
  )
}

const spanLabels = (span: Span | undefined): Attribute[] =>
  span === undefined
    ? []
    : [
        string('span.name', span.name),
        string('span.kind', kindName(span.kind)),
        string('status.code', codeName(span.status.code)),
      ]

export function labelsOf(found: Found, config: ExceptionsConfig): Attribute[] {
  const own = [string('service.name', found.service), ...spanLabels(found.span)]
  return [...own, ...dimensionsOf(found, config)]
}

function dimensionsOf({ span, attributes, resource }: Found, config: ExceptionsConfig) {
  const lists = [span?.attributes ?? [], attributes, resource.attributes]
  return config.dimensions.flatMap(({ name, default: fallback }): Attribute[] => {
    const value = attributeIn(lists, name)
    if (value !== undefined) return [{ key: name, value }]
    return fallback === undefined ? [] : [string(name, fallback)]
  })
}

const SEVERITY_ERROR = 17
const STACK = 'exception.stacktrace'

/** A record that tells of the exception: the span's attributes, its labels, and the stack. */
export function recordOf(found: Found, config: ExceptionsConfig): LogRecord {
  const stack = attribute(found.attributes, STACK)
  const base = found.span?.attributes ?? found.attributes
  const labels = [
    ...spanLabels(found.span),
    string('service.name', found.service),
    ...dimensionsOf(found, config),
    string(STACK, stack === undefined ? '' : valueText(stack)),
  ]
  const named = new Set(labels.map(({ key }) => key))
  const attributes = [...base.filter(({ key }) => !named.has(key)), ...labels]
  if (found.record !== undefined) return { ...found.record, attributes }
  const { time, traceId, spanId } = found
  return {
    time,
    observedTime: [0, 0],
    severityNumber: SEVERITY_ERROR,
    severityText: 'ERROR',
    body: { kind: 'empty' },
    attributes,
    droppedAttributesCount: 0,
    flags: 0,
    traceId,
    spanId,
    eventName: '',
  }
}
