import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { fc } from '../../test/support/fast_check.ts'
import { type Attribute, int, string, strings } from '../data/attributes.ts'
import { traceBatch } from '../data/batch.ts'
import type { ResourceSpans, Span } from '../data/traces.ts'
import { readableSpans } from '../sdk/readable_span.ts'

/** Counts start at 1, since the official encoder writes zeros that proto3 leaves out. */
const positive = fc.integer({ min: 1, max: 0xffffffff })
const hexId = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString('hex'))
const time = fc.tuple(fc.integer({ min: 1, max: 18446744072 }), fc.nat(999999999))
const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 })

const attributes = fc
  .uniqueArray(
    fc.oneof(
      fc.tuple(name, name).map(([key, value]) => string(key, value)),
      fc.tuple(name, fc.maxSafeInteger()).map(([key, value]) => int(key, value)),
      fc.tuple(name, fc.array(name)).map(([key, values]) => strings(key, values)),
      fc
        .tuple(name, fc.double({ noInteger: true, noNaN: true, noDefaultInfinity: true }))
        .map(([key, value]): Attribute => ({ key, value: { kind: 'double', value } })),
      fc
        .tuple(name, fc.boolean())
        .map(([key, value]): Attribute => ({ key, value: { kind: 'bool', value } })),
    ),
    { selector: ({ key }) => key },
  )
  // The SDK's attributes are an object: integer-like keys would move to the front.
  .map((list) => list.map((one) => ({ ...one, key: `k${one.key}` })))

const span: fc.Arbitrary<Span> = fc.record({
  traceId: hexId(16),
  spanId: hexId(8),
  parentSpanId: hexId(8),
  traceState: fc.constant('vendor=1'),
  flags: fc.constantFrom(0x100, 0x101),
  name,
  kind: fc.integer({ min: 1, max: 5 }),
  start: time,
  end: time,
  attributes,
  droppedAttributesCount: positive,
  events: fc.array(fc.record({ time, name, attributes, droppedAttributesCount: positive })),
  droppedEventsCount: positive,
  links: fc.array(
    fc.record({
      traceId: hexId(16),
      spanId: hexId(8),
      traceState: fc.constant('other=2'),
      attributes,
      droppedAttributesCount: positive,
      flags: fc.constantFrom(0x100, 0x101),
    }),
  ),
  droppedLinksCount: positive,
  status: fc.record({ code: fc.constantFrom(1, 2), message: name }),
})

const resourceSpans = (spans: readonly Span[]): ResourceSpans => ({
  resource: { attributes: [string('service.name', 'shop')], droppedAttributesCount: 0 },
  scopeSpans: [
    {
      scope: { name: 'weir', version: '1', attributes: [], droppedAttributesCount: 0 },
      spans,
      schemaUrl: 'https://scope',
    },
  ],
  schemaUrl: 'https://resource',
})

/** The official encoder writes a zero count into the resource, so bytes are compared from the scope on. */
function fromScope(bytes: Uint8Array | undefined): string {
  const all = Buffer.from(bytes ?? [])
  const scope = all.indexOf('\x0a\x04weir')
  assert.notEqual(scope, -1)
  return all.toString('hex', scope)
}

/** Without what has its default: null, '', 0, [] and {} stand for an absent field. */
function prune(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(prune)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([key, member]) => [
    key,
    key === 'intValue' ? String(member) : prune(member),
  ])
  return Object.fromEntries(
    members.filter(
      ([, member]) => !(member === 0 || (Array.isArray(member) && member.length === 0)),
    ),
  )
}

describe('traces against the official encoder', () => {
  const spans = fc.array(span, { minLength: 1, maxLength: 4 })

  test('protobuf bytes are the same', () => {
    fc.assert(
      fc.property(spans, (list) => {
        const official = ProtobufTraceSerializer.serializeRequest(
          readableSpans(resourceSpans(list)),
        )
        const ours = traceBatch([resourceSpans(list)]).toProtobuf()
        assert.equal(fromScope(ours), fromScope(official))
      }),
    )
  })

  test('JSON says the same', () => {
    fc.assert(
      fc.property(spans, (list) => {
        const official = JsonTraceSerializer.serializeRequest(readableSpans(resourceSpans(list)))
        const text = Buffer.from(official ?? []).toString()
        // Not a field of OTLP's Resource: the official encoder writes it beside the right one.
        const expected = JSON.parse(
          text.replace(',"schemaUrl":"https://resource"},"scope', '},"scope'),
        )
        const ours = JSON.parse(traceBatch([resourceSpans(list)]).toJson())
        assert.deepEqual(prune(ours), prune(expected))
      }),
    )
  })
})
