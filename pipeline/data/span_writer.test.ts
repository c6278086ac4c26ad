import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { traceBatch } from './batch.ts'
import { SpanWriter } from './span_writer.ts'
import { NO_SPAN, type Span } from './traces.ts'

const SCOPE = { name: 'weir', version: '1', attributes: [], droppedAttributesCount: 0 }
const resource = (name: string) => ({
  attributes: [{ key: 'service.name', value: { kind: 'string', value: name } as const }],
  droppedAttributesCount: 0,
})
const span = (name: string): Span => ({
  ...NO_SPAN,
  traceId: '0123456789abcdef0123456789abcdef',
  spanId: '0123456789abcdef',
  flags: 1,
  name,
  kind: 2,
  start: [1, 2],
  end: [3, 4],
  attributes: [{ key: 'n', value: { kind: 'int', value: 1 } }],
})
const of = (name: string, ...spans: string[]) => ({
  resource: resource(name),
  scopeSpans: [{ scope: SCOPE, spans: spans.map(span), schemaUrl: '' }],
  schemaUrl: '',
})

const NAMES = ['cart', 'shop', undefined]
const take = (writer: SpanWriter) =>
  writer.take(SCOPE, (group) => {
    const name = NAMES[group]
    return name === undefined ? undefined : resource(name)
  })

describe('SpanWriter', () => {
  test('gives each group its resource, whatever the order of the spans', () => {
    const writer = new SpanWriter()
    for (const [name, group] of [
      ['a', 1],
      ['b', 0],
      ['c', 0],
      ['d', 1],
      ['e', 1],
    ] as const)
      writer.add(span(name), group)
    const batch = take(writer)
    assert.equal(batch.count, 5)
    assert.deepEqual(batch.resources(), [of('shop', 'a', 'd', 'e'), of('cart', 'b', 'c')])
    assert.deepEqual(
      batch.toProtobuf(),
      traceBatch([of('shop', 'a', 'd', 'e'), of('cart', 'b', 'c')]).toProtobuf(),
    )
  })

  test('keeps a group whose resource comes later, between others that go', () => {
    const writer = new SpanWriter()
    for (const [i, group] of [0, 1, 1, 0, 1].entries()) writer.add(span(`s${i}`), group)
    const first = writer.take(SCOPE, (group) => (group === 0 ? resource('cart') : 'later'))
    assert.deepEqual(first.resources(), [of('cart', 's0', 's3')])
    assert.deepEqual([...writer.counts()], [[1, 3]])
    writer.add(span('s5'), 0)
    writer.add(span('s6'), 1)
    assert.deepEqual(take(writer).resources(), [
      of('shop', 's1', 's2', 's4', 's6'),
      of('cart', 's5'),
    ])
    assert.equal(writer.bytes, 0)
  })

  test('leaves out a group without resource, and counts it before', () => {
    const writer = new SpanWriter()
    writer.add(span('a'), 2)
    writer.add(span('b'), 0)
    writer.add(span('c'), 2)
    assert.deepEqual(
      [...writer.counts()],
      [
        [2, 2],
        [0, 1],
      ],
    )
    assert.deepEqual(take(writer).resources(), [of('cart', 'b')])
  })

  test('forgets what was taken', () => {
    const writer = new SpanWriter()
    writer.add(span('a'), 0)
    take(writer)
    assert.equal(writer.counts().size, 0)
    writer.add(span('b'), 0)
    assert.deepEqual(take(writer).resources(), [of('cart', 'b')])
  })
})
