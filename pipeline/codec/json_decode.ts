import type { AnyValue, Attribute } from '../data/attributes.ts'
import type { LogRecord, ResourceLogs } from '../data/logs.ts'
import type { EntityRef, Resource, Scope } from '../data/resource.ts'
import type { ResourceSpans, Span, SpanEvent, SpanLink } from '../data/traces.ts'
import { MAX_DEPTH, NO_RESOURCE, NO_SCOPE } from './decode_common.ts'
import { JsonFault, type JsonReader } from './json_reader.ts'

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map(
  (kind) => `SPAN_KIND_${kind}`,
)
const STATUS_CODES = ['UNSET', 'OK', 'ERROR'].map((code) => `STATUS_CODE_${code}`)
const SEVERITIES = [
  'SEVERITY_NUMBER_UNSPECIFIED',
  ...['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((name) =>
    ['', '2', '3', '4'].map((step) => `SEVERITY_NUMBER_${name}${step}`),
  ),
]

/** What the decoders of JSON count. */
export interface JsonLoss {
  tooDeep: number
}

/** Values of the OTLP messages, out of JSON. All of them throw `JsonFault`. */
export class JsonDecoder {
  readonly #loss: JsonLoss

  constructor(loss: JsonLoss) {
    this.#loss = loss
  }

  resourceSpans = (r: JsonReader): ResourceSpans => ({
    resource: this.resource(r.object('resource')),
    scopeSpans: r.objects('scopeSpans', (one) => ({
      scope: this.scope(one.object('scope')),
      spans: one.objects('spans', this.#span),
      schemaUrl: one.text('schemaUrl'),
    })),
    schemaUrl: r.text('schemaUrl'),
  })

  resourceLogs = (r: JsonReader): ResourceLogs => ({
    resource: this.resource(r.object('resource')),
    scopeLogs: r.objects('scopeLogs', (one) => ({
      scope: this.scope(one.object('scope')),
      logRecords: one.objects('logRecords', this.#logRecord),
      schemaUrl: one.text('schemaUrl'),
    })),
    schemaUrl: r.text('schemaUrl'),
  })

  #span = (r: JsonReader): Span => ({
    traceId: r.id('traceId', 16),
    spanId: r.id('spanId', 8),
    parentSpanId: r.id('parentSpanId', 8),
    traceState: r.text('traceState'),
    flags: r.uint32('flags'),
    name: r.text('name'),
    kind: r.enumeration('kind', KINDS),
    start: r.time('startTimeUnixNano'),
    end: r.time('endTimeUnixNano'),
    attributes: this.attributes(r, 'attributes'),
    droppedAttributesCount: r.uint32('droppedAttributesCount'),
    events: r.objects('events', this.#event),
    droppedEventsCount: r.uint32('droppedEventsCount'),
    links: r.objects('links', this.#link),
    droppedLinksCount: r.uint32('droppedLinksCount'),
    status: this.#status(r.object('status')),
  })

  #event = (r: JsonReader): SpanEvent => ({
    time: r.time('timeUnixNano'),
    name: r.text('name'),
    attributes: this.attributes(r, 'attributes'),
    droppedAttributesCount: r.uint32('droppedAttributesCount'),
  })

  #link = (r: JsonReader): SpanLink => ({
    traceId: r.id('traceId', 16),
    spanId: r.id('spanId', 8),
    traceState: r.text('traceState'),
    attributes: this.attributes(r, 'attributes'),
    droppedAttributesCount: r.uint32('droppedAttributesCount'),
    flags: r.uint32('flags'),
  })

  #status = (r: JsonReader | undefined) => ({
    code: r?.enumeration('code', STATUS_CODES) ?? 0,
    message: r?.text('message') ?? '',
  })

  #logRecord = (r: JsonReader): LogRecord => ({
    time: r.time('timeUnixNano'),
    observedTime: r.time('observedTimeUnixNano'),
    severityNumber: r.enumeration('severityNumber', SEVERITIES),
    severityText: r.text('severityText'),
    body: this.#anyValue(r.object('body'), 0),
    attributes: this.attributes(r, 'attributes'),
    droppedAttributesCount: r.uint32('droppedAttributesCount'),
    flags: r.uint32('flags'),
    traceId: r.id('traceId', 16),
    spanId: r.id('spanId', 8),
    eventName: r.text('eventName'),
  })

  resource(r: JsonReader | undefined): Resource {
    if (r === undefined) return NO_RESOURCE
    const attributes = this.attributes(r, 'attributes')
    const droppedAttributesCount = r.uint32('droppedAttributesCount')
    const entityRefs = r.objects('entityRefs', entityRef)
    const resource = { attributes, droppedAttributesCount }
    return entityRefs.length === 0 ? resource : { ...resource, entityRefs }
  }

  scope(r: JsonReader | undefined): Scope {
    if (r === undefined) return NO_SCOPE
    return {
      name: r.text('name'),
      version: r.text('version'),
      attributes: this.attributes(r, 'attributes'),
      droppedAttributesCount: r.uint32('droppedAttributesCount'),
    }
  }

  /** Without those that are nested too deep, which are counted. */
  attributes(r: JsonReader, name: string, depth = 0): Attribute[] {
    return r.objects(name, (one) => this.#attribute(one, depth)).flat()
  }

  #attribute(r: JsonReader, depth: number): Attribute[] {
    const lost = this.#loss.tooDeep
    const value = this.#anyValue(r.object('value'), depth)
    return this.#loss.tooDeep === lost ? [{ key: r.text('key'), value }] : []
  }

  #anyValue(r: JsonReader | undefined, depth: number): AnyValue {
    if (r === undefined) return { kind: 'empty' }
    if (depth >= MAX_DEPTH) {
      this.#loss.tooDeep += 1
      return { kind: 'empty' }
    }
    if (r.has('stringValue')) return { kind: 'string', value: r.text('stringValue') }
    if (r.has('boolValue')) return { kind: 'bool', value: r.bool('boolValue') }
    if (r.has('intValue')) return { kind: 'int', value: r.int64('intValue') }
    if (r.has('doubleValue')) return { kind: 'double', value: r.double('doubleValue') }
    if (r.has('bytesValue')) return { kind: 'bytes', value: r.base64('bytesValue') }
    const array = r.object('arrayValue')
    if (array !== undefined) {
      const values = array.objects('values', (one) => this.#anyValue(one, depth + 1))
      return { kind: 'array', value: values }
    }
    const kvlist = r.object('kvlistValue')
    if (kvlist === undefined) return { kind: 'empty' }
    return { kind: 'kvlist', value: this.attributes(kvlist, 'values', depth + 1) }
  }
}

const strings = (r: JsonReader, name: string): string[] =>
  r.list(name, (value, path) => {
    if (typeof value !== 'string') throw new JsonFault(path, value, 'a string')
    return value
  })

const entityRef = (r: JsonReader): EntityRef => ({
  schemaUrl: r.text('schemaUrl'),
  type: r.text('type'),
  idKeys: strings(r, 'idKeys'),
  descriptionKeys: strings(r, 'descriptionKeys'),
})
