import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { tracesCodec } from '../../pipeline/codec/signal_codec.ts'
import { type AnyValue, type Attribute, int, string } from '../../pipeline/data/attributes.ts'
import { type Batch, logBatch, metricBatch, traceBatch } from '../../pipeline/data/batch.ts'
import type { Metric, MetricData } from '../../pipeline/data/metrics.ts'
import { scanRequest } from '../../pipeline/data/request.ts'
import type { ResourceSpans } from '../../pipeline/data/traces.ts'
import { testContext } from '../../test/support/context.ts'
import {
  gauge,
  logRecord,
  point,
  resourceLogs,
  resourceMetrics,
  resourceSpans,
  span,
} from '../../test/support/telemetry.ts'
import { attributes } from './factory.ts'

const ACTIONS = { actions: [{ action: 'upsert', key: 'env', value: 'prod' }] }
const config = attributes.schema.parse(ACTIONS)
const ENV = string('env', 'prod')
const { ctx } = testContext()

/** A consumer that keeps the one batch it gets. */
function keep<R>() {
  const kept: Batch<R>[] = []
  const consume = (batch: Batch<R>) => Promise.resolve(void kept.push(batch))
  return { consume, resources: () => kept.flatMap((batch) => batch.resources()) }
}

const common = { ...point(0), count: 1, sum: 1, min: 1, max: 1, exemplars: [] }
const KINDS: MetricData[] = [
  { kind: 'gauge', points: [point(1)] },
  { kind: 'sum', points: [point(1)], temporality: 2, monotonic: true },
  {
    kind: 'histogram',
    points: [{ ...common, bucketCounts: [1], explicitBounds: [] }],
    temporality: 2,
  },
  {
    kind: 'exponential_histogram',
    points: [
      {
        ...common,
        scale: 0,
        zeroCount: 0,
        zeroThreshold: 0,
        positive: undefined,
        negative: undefined,
      },
    ],
    temporality: 2,
  },
  { kind: 'summary', points: [{ ...point(0), count: 1, sum: 1, quantiles: [] }] },
  { kind: 'empty', points: [] },
]

describe('attributes', () => {
  test('acts on spans, not on their events and the resource', async () => {
    const event = { time: [0, 0] as const, name: 'e', attributes: [], droppedAttributesCount: 0 }
    const next = keep<ReturnType<typeof resourceSpans>>()
    const given = resourceSpans([span({ attributes: [string('a', '1')], events: [event] })])
    await attributes.create.traces?.(ctx, config, next).consume(traceBatch([given]), {})
    const [resource] = next.resources()
    const one = resource?.scopeSpans[0]?.spans[0]
    assert.deepEqual(one?.attributes, [string('a', '1'), ENV])
    assert.deepEqual(one?.events, [event])
    assert.deepEqual(resource?.resource, given.resource)
  })

  test('acts on log records', async () => {
    const next = keep<ReturnType<typeof resourceLogs>>()
    const batch = logBatch([resourceLogs([logRecord('x'), logRecord('y')])])
    await attributes.create.logs?.(ctx, config, next).consume(batch, {})
    const records = next.resources()[0]?.scopeLogs[0]?.logRecords
    assert.deepEqual(
      records?.map((one) => one.attributes),
      [[ENV], [ENV]],
    )
  })

  for (const data of KINDS) {
    test(`acts on the data points of ${data.kind}`, async () => {
      const metric: Metric = { ...gauge('m', 0), data }
      const next = keep<ReturnType<typeof resourceMetrics>>()
      const batch = metricBatch([resourceMetrics([metric])])
      await attributes.create.metrics?.(ctx, config, next).consume(batch, {})
      const after = next.resources()[0]?.scopeMetrics[0]?.metrics[0]?.data
      const found: Attribute[][] = (after?.points ?? []).map(
        (one: { attributes: readonly Attribute[] }) => [...one.attributes],
      )
      assert.deepEqual(
        found,
        data.points.map(() => [ENV]),
      )
    })
  }
})

describe('attributes include and exclude, of spans', () => {
  const scope = (name: string, version: string) => ({
    name,
    version,
    attributes: [],
    droppedAttributesCount: 0,
  })
  const given: ResourceSpans = {
    resource: { attributes: [string('service.name', 'shop')], droppedAttributesCount: 0 },
    schemaUrl: '',
    scopeSpans: [
      {
        scope: scope('http', '1.2'),
        schemaUrl: '',
        spans: [
          span({ name: 'GET /', kind: 2, attributes: [string('a', 'x'), int('n', 5)] }),
          span({ name: 'POST /', kind: 3, attributes: [string('a', 'y')] }),
        ],
      },
      { scope: scope('db', ''), schemaUrl: '', spans: [span({ name: 'SELECT', attributes: [] })] },
    ],
  }
  type Row = [name: string, properties: object, matching: string[]]
  const strict = (properties: object) => ({ match_type: 'strict', ...properties })
  const regexp = (properties: object) => ({ match_type: 'regexp', ...properties })
  const all = ['GET /', 'POST /', 'SELECT']
  const rows: Row[] = [
    ['services', strict({ services: ['other', 'shop'] }), all],
    ['services by expression', regexp({ services: ['^sh'] }), all],
    ['another service', strict({ services: ['sh'] }), []],
    ['span_names', strict({ span_names: ['GET /', 'SELECT'] }), ['GET /', 'SELECT']],
    ['span_names by expression, anywhere', regexp({ span_names: ['ST'] }), ['POST /']],
    ['span_kinds', strict({ span_kinds: ['SPAN_KIND_CLIENT'] }), ['POST /']],
    ['span_kinds by expression', regexp({ span_kinds: ['CLIENT|SERVER'] }), all],
    ['attributes: a key', strict({ attributes: [{ key: 'a' }] }), ['GET /', 'POST /']],
    ['attributes: a text', strict({ attributes: [{ key: 'a', value: 'y' }] }), ['POST /']],
    ['attributes: a number is no text', strict({ attributes: [{ key: 'n', value: '5' }] }), []],
    ['attributes: a number', strict({ attributes: [{ key: 'n', value: 5 }] }), ['GET /']],
    [
      'attributes: an expression sees a number as text',
      regexp({ attributes: [{ key: 'n', value: '^5$' }] }),
      ['GET /'],
    ],
    ['attributes: all of them', strict({ attributes: [{ key: 'a' }, { key: 'n' }] }), ['GET /']],
    ['resources', strict({ resources: [{ key: 'service.name', value: 'shop' }] }), all],
    ['resources: another', strict({ resources: [{ key: 'service.name', value: 'x' }] }), []],
    ['libraries', strict({ libraries: [{ name: 'http' }] }), ['GET /', 'POST /']],
    ['libraries: a version', strict({ libraries: [{ name: 'http', version: '1.3' }] }), []],
    [
      'libraries: an empty version',
      strict({ libraries: [{ name: 'db', version: '' }] }),
      ['SELECT'],
    ],
    [
      'libraries: an empty version is none but that',
      strict({ libraries: [{ name: 'http', version: '' }] }),
      [],
    ],
    [
      'all conditions together',
      strict({ services: ['shop'], span_names: ['GET /', 'SELECT'], attributes: [{ key: 'a' }] }),
      ['GET /'],
    ],
  ]
  /** Names of the spans that were acted on, of decoded items and of bytes. */
  async function actedOn(selection: object): Promise<string[][]> {
    const config = attributes.schema.parse({ ...ACTIONS, ...selection })
    const bytes = scanRequest(tracesCodec, traceBatch([given]).toProtobuf(), () => undefined)
    assert.ok(bytes.kind === 'batch')
    const names = [traceBatch([given]), bytes.batch].map(async (batch) => {
      const next = keep<ResourceSpans>()
      await attributes.create.traces?.(ctx, config, next).consume(batch, {})
      const spans = next.resources().flatMap((one) => one.scopeSpans.flatMap((two) => two.spans))
      assert.equal(spans.length, 3)
      return spans.filter((one) => one.attributes.some(({ key }) => key === 'env')).map(nameOf)
    })
    return Promise.all(names)
  }
  const nameOf = ({ name }: { name: string }) => name
  for (const [name, properties, matching] of rows) {
    test(name, async () => {
      const others = all.filter((one) => !matching.includes(one))
      assert.deepEqual(await actedOn({ include: properties }), [matching, matching])
      assert.deepEqual(await actedOn({ exclude: properties }), [others, others])
    })
  }

  test('exclude takes away from include', async () => {
    const include = strict({ attributes: [{ key: 'a' }] })
    const exclude = strict({ span_names: ['GET /'] })
    assert.deepEqual(await actedOn({ include, exclude }), [['POST /'], ['POST /']])
  })
})

describe('attributes include and exclude, of log records and metrics', () => {
  const records = [
    logRecord('one', { severityNumber: 9, severityText: 'INFO' }),
    logRecord('two', { severityNumber: 17, severityText: 'ERROR' }),
    logRecord('none', { severityNumber: 0, severityText: '' }),
  ]
  const rows: [name: string, properties: object, matching: string[]][] = [
    ['log_bodies', { match_type: 'strict', log_bodies: ['two'] }, ['two']],
    ['log_bodies by expression', { match_type: 'regexp', log_bodies: ['n'] }, ['one', 'none']],
    ['log_severity_texts', { match_type: 'regexp', log_severity_texts: ['^ERR'] }, ['two']],
    ['log_severity_number', { match_type: 'strict', log_severity_number: { min: 10 } }, ['two']],
    [
      'log_severity_number, undefined ones too',
      { match_type: 'strict', log_severity_number: { min: 9, match_undefined: true } },
      ['one', 'two', 'none'],
    ],
  ]
  for (const [name, include, matching] of rows) {
    test(name, async () => {
      const next = keep<ReturnType<typeof resourceLogs>>()
      const only = attributes.schema.parse({ ...ACTIONS, include })
      await attributes.create.logs?.(ctx, only, next).consume(logBatch([resourceLogs(records)]), {})
      const found = next.resources()[0]?.scopeLogs[0]?.logRecords ?? []
      assert.deepEqual(found.filter((one) => has(one.attributes)).map(bodyOf), matching)
    })
  }

  test('metrics are chosen by their names alone, and what else is asked for is said', async () => {
    const { ctx: context, lines } = testContext()
    const next = keep<ReturnType<typeof resourceMetrics>>()
    const resources = [{ key: 'a' }]
    const include = { match_type: 'regexp', metric_names: ['^a'], resources }
    const batch = metricBatch([resourceMetrics([gauge('a', 1), gauge('b', 2)])])
    const only = attributes.schema.parse({ ...ACTIONS, include })
    await attributes.create.metrics?.(context, only, next).consume(batch, {})
    const metrics = next.resources()[0]?.scopeMetrics[0]?.metrics ?? []
    assert.deepEqual(
      metrics.map(({ data }) => has(data.points[0]?.attributes ?? [])),
      [true, false],
    )
    assert.match(lines[0] ?? '', /include: metrics are chosen by metric_names alone, resources/)
  })
})

describe('attributes config', () => {
  const refused: [properties: object, error: RegExp][] = [
    [{}, /match_type/],
    [{ match_type: 'glob', services: ['a'] }, /unrecognized match_type: 'glob'/],
    [{ match_type: 'regexp', services: ['(?=a)'] }, /"\(\?=a\)" is no regular expression/],
    [
      { match_type: 'regexp', attributes: [{ key: 'a', value: 1 }] },
      /match_type=regexp for "a" only supports Str, but found number/,
    ],
    [
      { match_type: 'strict', attributes: [{ value: 1 }] },
      /can't have empty key in the list of attributes/,
    ],
  ]
  for (const [include, error] of refused) {
    test(`refuses include ${JSON.stringify(include)}`, () =>
      assert.throws(() => attributes.schema.parse({ ...ACTIONS, include }), error))
  }

  const wrongSignal: [signal: 'traces' | 'logs', include: object, error: RegExp][] = [
    [
      'traces',
      { log_bodies: ['a'] },
      /^Error: log_bodies should not be specified for trace spans$/,
    ],
    ['traces', {}, /at least one of "attributes", "libraries", {2}or "resources" field must be/],
    [
      'traces',
      { span_kinds: ['server'] },
      /must match one of the standard span kinds .*\[SPAN_KIND_CLIENT /,
    ],
    [
      'logs',
      { span_names: ['a'] },
      /services, span_names, and span_kinds are not valid for log records/,
    ],
    ['logs', {}, /or "log_severity_number" field must be specified/],
  ]
  for (const [signal, include, error] of wrongSignal) {
    test(`${signal}: refuses ${JSON.stringify(include)}`, () => {
      const wrong = attributes.schema.parse({
        ...ACTIONS,
        include: { match_type: 'strict', ...include },
      })
      const next = { consume: () => Promise.resolve() }
      assert.throws(() => attributes.create[signal]?.(ctx, wrong, next), error)
    })
  }
})

const has = (list: readonly Attribute[]) => list.some(({ key }) => key === 'env')
const bodyOf = ({ body }: { body: AnyValue }) => (body.kind === 'string' ? body.value : '')
