import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { int, string } from '../../pipeline/data/attributes.ts'
import type { Batch } from '../../pipeline/data/batch.ts'
import { logBatch, metricBatch, traceBatch } from '../../pipeline/data/batch.ts'
import type { ResourceMetrics } from '../../pipeline/data/metrics.ts'
import { testContext } from '../../test/support/context.ts'
import { keep } from '../../test/support/keep.ts'
import {
  gauge,
  logRecord,
  profiles,
  resourceLogs,
  resourceMetrics,
  resourceSpans,
  span,
} from '../../test/support/telemetry.ts'
import { transform } from './factory.ts'

const parse = (settings: object) => transform.schema.parse(settings)

async function spansAfter(settings: object, batch = traceBatch([resourceSpans([span()])])) {
  const next = keep<typeof batch>()
  const made = transform.create.traces?.(testContext().ctx, parse(settings), next)
  await made?.consume(batch, {})
  return next.kept[0]?.resources() ?? []
}

async function metricsAfter(settings: object, batch: Batch<ResourceMetrics>) {
  const next = keep<typeof batch>()
  const made = transform.create.metrics?.(testContext().ctx, parse(settings), next)
  await made?.consume(batch, {})
  return next.kept[0]?.resources()[0]?.scopeMetrics[0]?.metrics ?? []
}

describe('transform: forms of the configuration', () => {
  const SET = 'set(span.attributes["a"], "1") where span.kind == SPAN_KIND_SERVER'
  const forms: [name: string, settings: object][] = [
    ['statements alone', { trace_statements: [SET] }],
    ['a group without a context', { trace_statements: [{ statements: [SET] }] }],
    [
      'a group with a context and unprefixed paths',
      {
        trace_statements: [
          { context: 'span', statements: ['set(attributes["a"], "1") where kind == 2'] },
        ],
      },
    ],
    [
      'conditions of a group, one of them true',
      {
        trace_statements: [
          {
            conditions: ['span.name == "no"', 'span.name == "GET /items"'],
            statements: ['set(span.attributes["a"], "1")'],
          },
        ],
      },
    ],
  ]
  for (const [name, settings] of forms) {
    test(name, async () => {
      const [resource] = await spansAfter(settings)
      const found = resource?.scopeSpans[0]?.spans[0]?.attributes.at(-1)
      assert.deepEqual(found, string('a', '1'))
    })
  }

  test('a group whose conditions are all false is left out', async () => {
    const group = { conditions: ['span.name == "no"'], statements: ['set(span.name, "x")'] }
    const [resource] = await spansAfter({ trace_statements: [group] })
    assert.equal(resource?.scopeSpans[0]?.spans[0]?.name, 'GET /items')
  })

  const refused: [name: string, settings: object, want: RegExp][] = [
    [
      'both styles',
      { trace_statements: ['set(span.name, "a")', { statements: [] }] },
      /multiple configuration styles is not supported/,
    ],
    [
      'an unknown context',
      { log_statements: [{ context: 'span', statements: [] }] },
      /\[0\]\.context: unknown context "span" of logs, allowed are resource, scope, log/,
    ],
    [
      'a wrong statement',
      { trace_statements: [{ statements: ['set(span.name, "a")', 'set(span.nam, "a")'] }] },
      /\[0\]\.statements\[1\]: 1:10: span has no field "nam" \(did you mean "name"\?\)/,
    ],
    [
      'an unprefixed path',
      { trace_statements: ['set(name, "a")'] },
      /missing context name for path "name"/,
    ],
    [
      'contexts that do not go together',
      { metric_statements: ['convert_sum_to_gauge() where datapoint.flags == 1'] },
      /divide the list into groups/,
    ],
    ['an error mode', { error_mode: 'loud' }, /unknown error mode loud/],
    ['profiles that would be decoded', { profile_statements: ['set(profile.x, 1)'] }, /profile/],
    ['flatten_data', { flatten_data: true }, /not built/],
  ]
  for (const [name, settings, want] of refused) {
    test(`${name}: refused`, () => assert.throws(() => parse(settings), want))
  }
})

describe('transform: what changes', () => {
  test('a resource, without decoding items', async () => {
    const [resource] = await spansAfter({
      trace_statements: ['set(resource.attributes["zone"], "eu")'],
    })
    assert.deepEqual(resource?.resource.attributes.at(-1), string('zone', 'eu'))
  })

  test('a resource out of a span', async () => {
    const [resource] = await spansAfter({
      trace_statements: ['set(resource.attributes["kind"], span.kind)'],
    })
    assert.deepEqual(resource?.resource.attributes.at(-1), int('kind', 2))
  })

  test('span events', async () => {
    const event = { time: [1, 0] as const, name: 'e', attributes: [], droppedAttributesCount: 0 }
    const batch = traceBatch([resourceSpans([span({ events: [event] })])])
    const settings = { trace_statements: ['set(spanevent.attributes["of"], span.name)'] }
    const [resource] = await spansAfter(settings, batch)
    const after = resource?.scopeSpans[0]?.spans[0]?.events[0]
    assert.deepEqual(after?.attributes, [string('of', 'GET /items')])
  })

  test('scopes', async () => {
    const [resource] = await spansAfter({ trace_statements: ['set(scope.version, "9")'] })
    assert.equal(resource?.scopeSpans[0]?.scope.version, '9')
  })

  test('a body that is JSON becomes attributes', async () => {
    const next = keep<ReturnType<typeof logBatch>>()
    const settings = {
      log_statements: [
        'merge_maps(log.cache, ParseJSON(log.body), "upsert") where IsMatch(log.body, "^\\\\{")',
        'set(log.attributes["user"], log.cache["user"])',
        'set(log.severity_number, SEVERITY_NUMBER_ERROR) where log.cache["level"] == "error"',
      ],
    }
    const records = [logRecord('{"user": "ann", "level": "error"}'), logRecord('plain')]
    const made = transform.create.logs?.(testContext().ctx, parse(settings), next)
    await made?.consume(logBatch([resourceLogs(records)]), {})
    const after = next.kept[0]?.resources()[0]?.scopeLogs[0]?.logRecords
    assert.deepEqual(after?.[0]?.attributes, [string('user', 'ann')])
    assert.equal(after?.[0]?.severityNumber, 17)
    assert.deepEqual(after?.[1], records[1])
  })

  test('resources of profiles', async () => {
    const next = keep<ReturnType<typeof profiles>>()
    const settings = { profile_statements: ['set(resource.attributes["a"], "b")'] }
    const made = transform.create.profiles?.(testContext().ctx, parse(settings), next)
    const given = profiles(2)
    await made?.consume(given, {})
    assert.equal(next.kept[0]?.count, 2)
    assert(Buffer.from(next.kept[0]?.toProtobuf() ?? []).includes('b'))
  })

  test('what no statement touches keeps its very segment', async () => {
    const batch = traceBatch([resourceSpans([span()])])
    const next = keep<typeof batch>()
    const settings = parse({ trace_statements: ['set(span.name, "x") where span.kind == 5'] })
    await transform.create.traces?.(testContext().ctx, settings, next).consume(batch, {})
    assert.equal(next.kept[0], batch)
  })
})

describe('transform: metrics', () => {
  const one = (settings: object) =>
    metricsAfter(settings, metricBatch([resourceMetrics([gauge('load', 2)])]))

  test('a data point sees its metric and changes it', async () => {
    const [metric] = await one({
      metric_statements: [
        'set(metric.unit, "By") where datapoint.value_int == 1',
        'set(datapoint.attributes["m"], metric.name)',
      ],
    })
    assert.equal(metric?.unit, 'By')
    const points: readonly { readonly attributes: unknown }[] = metric?.data.points ?? []
    assert.deepEqual(
      points.map((point) => point.attributes),
      [[string('m', 'load')], [string('m', 'load')]],
    )
  })

  test('statements on a metric that others made', async () => {
    const metrics = await one({
      metric_statements: [
        'copy_metric(name="copy") where metric.name == "load"',
        'convert_gauge_to_sum("delta", true) where metric.name == "copy"',
      ],
    })
    assert.deepEqual(
      metrics.map((metric) => [metric.name, metric.data.kind]),
      [
        ['load', 'gauge'],
        ['copy', 'sum'],
      ],
    )
  })

  test('a metric that copies itself for ever is stopped', async () => {
    await assert.rejects(
      one({ metric_statements: ['copy_metric()'] }),
      /statements added 10000 metrics/,
    )
  })
})

describe('transform: failing statements', () => {
  const BAD = 'set(span.name, span.attributes["http.response.status_code"])'
  const good = 'set(span.attributes["after"], "1")'

  for (const [mode, logged] of [
    ['ignore', true],
    ['silent', false],
  ] as const) {
    test(`${mode}: goes on, counts, ${logged ? 'logs once' : 'does not log'}`, async () => {
      const { ctx, count, lines } = testContext()
      const batch = traceBatch([resourceSpans([span(), span()])])
      const next = keep<typeof batch>()
      const settings = parse({ error_mode: mode, trace_statements: [BAD, good] })
      await transform.create.traces?.(ctx, settings, next).consume(batch, {})
      assert.equal(count('ottl_failures'), 2)
      assert.equal(lines.length, logged ? 1 : 0)
      const after = next.kept[0]?.resources()[0]?.scopeSpans[0]?.spans[1]
      assert.deepEqual(after?.attributes.at(-1), string('after', '1'))
    })
  }

  test('propagate: gives the batch up', async () => {
    await assert.rejects(
      spansAfter({ error_mode: 'propagate', trace_statements: [BAD] }),
      /set\(span\.name.*expected string but got int64/,
    )
  })

  test('a group has its own mode', async () => {
    const groups = [{ error_mode: 'propagate', statements: [BAD] }]
    await assert.rejects(spansAfter({ trace_statements: groups }), /expected string/)
  })
})
