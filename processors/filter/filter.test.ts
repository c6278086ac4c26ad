import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { string } from '../../pipeline/data/attributes.ts'
import { logBatch, metricBatch, traceBatch } from '../../pipeline/data/batch.ts'
import { testContext } from '../../test/support/context.ts'
import { keep } from '../../test/support/keep.ts'
import {
  gauge,
  logRecord,
  point,
  profiles,
  resourceLogs,
  resourceMetrics,
  resourceSpans,
  span,
} from '../../test/support/telemetry.ts'
import { filter } from './factory.ts'

const event = (name: string) => ({
  time: [1, 0] as const,
  name,
  attributes: [],
  droppedAttributesCount: 0,
})

const traces = () =>
  traceBatch([
    resourceSpans(
      [span({ name: 'a', events: [event('x'), event('y')] }), span({ name: 'b' })],
      'shop',
    ),
    resourceSpans([span({ name: 'c' })], 'cart'),
  ])

const ofZone = (zone: string, value: number) => ({
  ...point(value),
  attributes: [string('zone', zone)],
})
const metrics = () =>
  metricBatch([
    resourceMetrics([
      { ...gauge('load', 0), data: { kind: 'gauge', points: [ofZone('eu', 1), ofZone('us', 2)] } },
      gauge('idle', 1),
    ]),
  ])

const logs = () =>
  logBatch([
    resourceLogs([
      logRecord('hello', { severityNumber: 17 }),
      logRecord('bye', { attributes: [string('k', 'v1')] }),
    ]),
  ])

async function left(signal: 'traces' | 'metrics' | 'logs', settings: object): Promise<unknown> {
  const config = filter.schema.parse({ error_mode: 'propagate', ...settings })
  const { ctx } = testContext()
  if (signal === 'traces') {
    const next = keep<ReturnType<typeof traces>>()
    await filter.create.traces?.(ctx, config, next).consume(traces(), {})
    const found = next.kept[0]
      ?.resources()
      .flatMap((one) => one.scopeSpans)
      .flatMap((one) => one.spans)
    return found?.map((one) => one.name + one.events.map(({ name }) => name).join(''))
  }
  if (signal === 'metrics') {
    const next = keep<ReturnType<typeof metrics>>()
    await filter.create.metrics?.(ctx, config, next).consume(metrics(), {})
    const found = next.kept[0]
      ?.resources()
      .flatMap((one) => one.scopeMetrics)
      .flatMap((one) => one.metrics)
    return found?.map((one) => `${one.name} ${one.data.points.length}`)
  }
  const next = keep<ReturnType<typeof logs>>()
  await filter.create.logs?.(ctx, config, next).consume(logs(), {})
  const found = next.kept[0]
    ?.resources()
    .flatMap((one) => one.scopeLogs)
    .flatMap((one) => one.logRecords)
  return found?.map((one) => ('value' in one.body ? one.body.value : undefined))
}

type Case = [name: string, settings: object, want: unknown]

const cases: Readonly<Record<'traces' | 'metrics' | 'logs', Case[]>> = {
  traces: [
    ['no condition', {}, ['axy', 'b', 'c']],
    ['spans', { traces: { span: ['name == "a"', 'span.name == "b"'] } }, ['c']],
    ['events, their span stays', { traces: { spanevent: ['name == "x"'] } }, ['ay', 'b', 'c']],
    ['all events, their span stays', { traces: { spanevent: ['true'] } }, ['a', 'b', 'c']],
    ['resources', { traces: { resource: ['attributes["service.name"] == "shop"'] } }, ['c']],
    ['everything: nothing is handed on', { traces: { span: ['true'] } }, undefined],
    [
      'flat conditions',
      { trace_conditions: ['span.name == "a"', 'spanevent.name == "x"'] },
      ['b', 'c'],
    ],
    [
      'a span and its events in one list',
      {
        trace_conditions: [
          'spanevent.name == "x"',
          'resource.attributes["service.name"] == "cart"',
        ],
      },
      ['ay', 'b'],
    ],
    [
      'groups',
      {
        trace_conditions: [
          { context: 'span', conditions: ['name == "a"'] },
          { conditions: ['span.name == "b"'] },
        ],
      },
      ['c'],
    ],
    [
      'the old include',
      { spans: { include: { match_type: 'strict', services: ['cart'] } } },
      ['c'],
    ],
    [
      'the old exclude',
      { spans: { exclude: { match_type: 'regexp', span_names: ['[ab]'] } } },
      ['c'],
    ],
  ],
  metrics: [
    ['metrics', { metrics: { metric: ['name == "idle"'] } }, ['load 2']],
    [
      'data points',
      { metrics: { datapoint: ['attributes["zone"] == "eu"'] } },
      ['load 1', 'idle 1'],
    ],
    [
      'all data points take their metric along',
      { metrics: { datapoint: ['metric.name == "load"'] } },
      ['idle 1'],
    ],
    [
      'by an attribute of a point',
      { metrics: { metric: ['HasAttrKeyOnDatapoint("zone")'] } },
      ['idle 1'],
    ],
    [
      'by a value of a point',
      { metrics: { metric: ['HasAttrOnDatapoint("zone", "us")'] } },
      ['idle 1'],
    ],
    [
      'prefixed',
      { metric_conditions: ['metric.name == "load" and datapoint.attributes["zone"] == "us"'] },
      ['load 1', 'idle 1'],
    ],
    ['by type', { metric_conditions: ['metric.type == METRIC_DATA_TYPE_GAUGE'] }, undefined],
    [
      'the old include',
      { metrics: { include: { match_type: 'strict', metric_names: ['idle'] } } },
      ['idle 1'],
    ],
    [
      'the old exclude',
      { metrics: { exclude: { match_type: 'regexp', metric_names: ['^lo'] } } },
      ['idle 1'],
    ],
    [
      'the old exclude by resource',
      {
        metrics: {
          exclude: {
            match_type: 'strict',
            metric_names: ['none'],
            resource_attributes: [{ key: 'service.name', value: 'shop' }],
          },
        },
      },
      undefined,
    ],
  ],
  logs: [
    ['records', { logs: { log_record: ['severity_number >= SEVERITY_NUMBER_ERROR'] } }, ['bye']],
    ['by body', { log_conditions: ['IsMatch(log.body, "^b")'] }, ['hello']],
    [
      'the old include',
      {
        logs: { include: { match_type: 'regexp', record_attributes: [{ key: 'k', value: 'v.' }] } },
      },
      ['bye'],
    ],
    [
      'the old exclude',
      { logs: { exclude: { match_type: 'strict', bodies: ['bye'] } } },
      ['hello'],
    ],
    [
      'the old severity',
      { logs: { exclude: { match_type: 'strict', severity_number: { min: 10 } } } },
      ['bye'],
    ],
  ],
}

for (const signal of ['traces', 'metrics', 'logs'] as const) {
  describe(`filter of ${signal}`, () => {
    for (const [name, settings, want] of cases[signal]) {
      test(name, async () => assert.deepEqual(await left(signal, settings), want))
    }
  })
}

describe('filter', () => {
  test('of profiles, by their resource', async () => {
    const { ctx } = testContext()
    const next = keep<ReturnType<typeof profiles>>()
    const config = filter.schema.parse({
      profiles: { profile: ['resource.attributes["a"] == nil'] },
    })
    await filter.create.profiles?.(ctx, config, next).consume(profiles(2), {})
    assert.equal(next.kept.length, 0)
  })

  test('counts what it drops', async () => {
    const { ctx, count } = testContext()
    const next = keep<ReturnType<typeof traces>>()
    const config = filter.schema.parse({ traces: { span: ['name != "c"'] } })
    await filter.create.traces?.(ctx, config, next).consume(traces(), {})
    assert.equal(count('dropped_filtered'), 2)
  })

  test('a condition that fails is false, and counted', async () => {
    const { ctx, count } = testContext()
    const next = keep<ReturnType<typeof traces>>()
    const config = filter.schema.parse({
      traces: { span: ['attributes["http.request.method"]["x"] == 1'] },
    })
    await filter.create.traces?.(ctx, config, next).consume(traces(), {})
    assert.equal(next.kept[0]?.count, 3)
    assert.equal(count('ottl_failures'), 3)
  })

  test('a condition that fails gives the batch up if asked to', async () => {
    await assert.rejects(
      left('traces', { traces: { span: ['attributes["http.request.method"]["x"] == 1'] } }),
      /a string has no key/,
    )
  })

  const refused: [name: string, settings: object, want: RegExp][] = [
    [
      'a wrong path',
      { traces: { span: ['nam == "a"'] } },
      /conditions\[0\]: 1:1: span has no field "nam" \(did you mean "name"\?\)/,
    ],
    ['an editor', { traces: { span: ['set(name, "a")'] } }, /is an editor, which gives no value/],
    [
      'both ways',
      { traces: { span: ['true'] }, trace_conditions: ['true'] },
      /trace_conditions and traces cannot be used together/,
    ],
    [
      'expr',
      { metrics: { include: { match_type: 'expr', expressions: ['HasLabel("k")'] } } },
      /HasLabel\("k"\) is HasAttrKeyOnDatapoint\("k"\)/,
    ],
    [
      'expressions alone',
      { metrics: { include: { match_type: 'strict', expressions: ['true'] } } },
      /not supported: match_type expr is refused, too/,
    ],
    [
      'expr of logs, as the Collector does',
      { logs: { include: { match_type: 'expr' } } },
      /unrecognized match_type: 'expr', valid types are: \[regexp strict\]/,
    ],
    [
      'OTTL beside include',
      { metrics: { metric: ['true'], include: { match_type: 'strict' } } },
      /cannot use ottl conditions and include\/exclude for metrics at the same time/,
    ],
    [
      'a wrong expression',
      { metrics: { include: { match_type: 'regexp', metric_names: ['('] } } },
      /is no regular expression/,
    ],
    [
      'a profile itself',
      { profiles: { profile: ['profile.duration > 1'] } },
      /no field|out of reach|has no/,
    ],
  ]
  for (const [name, settings, want] of refused) {
    test(`${name}: refused`, () => assert.throws(() => filter.schema.parse(settings), want))
  }
})
