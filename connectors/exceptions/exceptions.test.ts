import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Attributes, string } from '../../pipeline/data/attributes.ts'
import { type LogBatch, logBatch, type MetricBatch, traceBatch } from '../../pipeline/data/batch.ts'
import { type ResourceSpans, type Span, SpanKind } from '../../pipeline/data/traces.ts'
import { testContext } from '../../test/support/context.ts'
import { keep } from '../../test/support/keep.ts'
import {
  logRecord,
  resource,
  resourceLogs,
  resourceSpans,
  scope,
  span,
} from '../../test/support/telemetry.ts'
import { exceptions } from './factory.ts'

const { ctx } = testContext()
const STACK = string('exception.stacktrace', 'at a')
const thrown = (type: string, name = 'exception') => ({
  time: [7, 0] as const,
  name,
  attributes: [string('exception.type', type), string('exception.message', 'no'), STACK],
  droppedAttributesCount: 0,
})
const failing = (types: readonly string[], more: Partial<Span> = {}) =>
  resourceSpans([
    span({
      kind: SpanKind.server,
      status: { code: 2, message: '' },
      attributes: [string('route', '/a')],
      events: types.map((type) => thrown(type)),
      ...more,
    }),
  ])

const shown = (attributes: Attributes): string =>
  attributes.map(({ key, value }) => `${key}=${'value' in value ? value.value : ''}`).join(' ')

/** The points of the metric after the last batch. */
async function counted(settings: object, ...given: readonly (readonly ResourceSpans[])[]) {
  const { kept, consume } = keep<MetricBatch>()
  const config = exceptions.schema.parse(settings)
  const connector = exceptions.create['traces->metrics']?.(ctx, config, { consume })
  for (const data of given) await connector?.consume(traceBatch(data), {})
  const metric = kept.at(-1)?.resources()[0]?.scopeMetrics[0]?.metrics[0]
  return {
    metric,
    points: metric?.data.kind === 'sum' ? metric.data.points : [],
    sent: kept.length,
  }
}

const OWN =
  'service.name=shop span.name=GET /items span.kind=SPAN_KIND_SERVER status.code=STATUS_CODE_ERROR'

describe('exceptions to metrics', () => {
  test('counts since the start, by labels', async () => {
    const { metric, points } = await counted({}, [failing(['A', 'A', 'B'])], [failing(['A'])])
    assert.equal(metric?.name, 'exceptions')
    assert.equal(metric?.data.kind === 'sum' && metric.data.monotonic, true)
    assert.deepEqual(
      points.map((one) => `${shown(one.attributes)}: ${'value' in one.value && one.value.value}`),
      [
        `${OWN} exception.type=A exception.message=no: 3`,
        `${OWN} exception.type=B exception.message=no: 1`,
      ],
    )
  })

  test('other labels, from the span, the event and the resource', async () => {
    const dimensions = [
      { name: 'route' },
      { name: 'exception.type' },
      { name: 'absent' },
      { name: 'zone', default: 'none' },
    ]
    const { points } = await counted({ dimensions }, [failing(['A'])])
    assert.equal(shown(points[0]?.attributes ?? []), `${OWN} route=/a exception.type=A zone=none`)
  })

  test('exemplars, of this batch alone', async () => {
    const settings = { exemplars: { enabled: true } }
    const { points } = await counted(settings, [failing(['A', 'A'])], [failing(['A'])])
    assert.deepEqual(
      points[0]?.exemplars.map(({ spanId, value }) => [spanId, value]),
      [[span().spanId, { kind: 'double', value: 3 }]],
    )
    const { points: without } = await counted({}, [failing(['A'])])
    assert.deepEqual(without[0]?.exemplars, [])
  })

  test('sampled spans stand for others', async () => {
    const { points } = await counted({}, [failing(['A'], { traceState: 'ot=th:c' })])
    assert.deepEqual(points[0]?.value, { kind: 'int', value: 4 })
  })

  test('other events, and resources without a name, are none', async () => {
    const nameless = { ...failing(['A']), resource: { ...resource(), attributes: [] } }
    const other = failing([], { events: [thrown('A', 'retry')] })
    assert.equal((await counted({}, [nameless, other])).sent, 0)
  })

  test('log records that are exceptions', async () => {
    const { kept, consume } = keep<MetricBatch>()
    const record = { ...logRecord('x'), eventName: 'exception', attributes: thrown('A').attributes }
    const connector = exceptions.create['logs->metrics']?.(ctx, exceptions.schema.parse({}), {
      consume,
    })
    await connector?.consume(logBatch([resourceLogs([record, logRecord('y')])]), {})
    const data = kept[0]?.resources()[0]?.scopeMetrics[0]?.metrics[0]?.data
    assert.deepEqual(
      data?.points.map((one) => shown(one.attributes)),
      ['service.name=shop exception.type=A exception.message=no'],
    )
  })

  for (const dimensions of [[{ name: 'span.kind' }], [{ name: 'a' }, { name: 'a' }]]) {
    test(`${JSON.stringify(dimensions)}: refused`, () =>
      assert.throws(
        () => exceptions.schema.parse({ dimensions }),
        /failed validating dimensions: duplicate dimension name/,
      ))
  }
})

describe('exceptions to logs', () => {
  const logsOf = (batches: readonly LogBatch[]) => batches.flatMap((batch) => batch.resources())

  test('of span events', async () => {
    const { kept, consume } = keep<LogBatch>()
    const config = exceptions.schema.parse({})
    const connector = exceptions.create['traces->logs']?.(ctx, config, { consume })
    await connector?.consume(traceBatch([failing(['A']), failing([])]), {})
    const [data, ...others] = logsOf(kept)
    assert.deepEqual(others, [])
    assert.deepEqual([data?.resource, data?.scopeLogs[0]?.scope], [resource(), scope])
    const [record] = data?.scopeLogs[0]?.logRecords ?? []
    assert.deepEqual(
      [record?.time, record?.severityNumber, record?.severityText, record?.traceId, record?.spanId],
      [[7, 0], 17, 'ERROR', span().traceId, span().spanId],
    )
    assert.equal(
      shown(record?.attributes ?? []),
      'route=/a span.name=GET /items span.kind=SPAN_KIND_SERVER status.code=STATUS_CODE_ERROR ' +
        'service.name=shop exception.type=A exception.message=no exception.stacktrace=at a',
    )
  })

  test('of log records', async () => {
    const { kept, consume } = keep<LogBatch>()
    const config = exceptions.schema.parse({})
    const connector = exceptions.create['logs->logs']?.(ctx, config, { consume })
    const record = { ...logRecord('x'), eventName: 'exception', attributes: thrown('A').attributes }
    await connector?.consume(logBatch([resourceLogs([record, logRecord('y')])]), {})
    const [found, ...others] = logsOf(kept)[0]?.scopeLogs[0]?.logRecords ?? []
    assert.deepEqual(others, [])
    assert.deepEqual(found?.body, record.body)
    assert.equal(
      shown(found?.attributes ?? []),
      'service.name=shop exception.type=A exception.message=no exception.stacktrace=at a',
    )
  })
})
