import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Attribute, attribute, int, string } from '../../../pipeline/data/attributes.ts'
import type { Metric } from '../../../pipeline/data/metrics.ts'
import { type Span, SpanKind } from '../../../pipeline/data/traces.ts'
import { valueText } from '../../../pipeline/data/value_text.ts'
import { span } from '../../../test/support/telemetry.ts'
import { NO_CGROUP } from '../discovery/cgroup.ts'
import type { KnownProcess } from '../discovery/process.ts'
import { DEFAULT_SETTINGS, type ServiceSettings } from '../discovery/process.ts'
import { metricsFields, metricsRulesOf } from './fields.ts'
import { Recorder } from './recorder.ts'

const SCOPE = { name: 'weir', version: '', attributes: [], droppedAttributesCount: 0 }

const known = (selected = true, settings: Partial<ServiceSettings> = {}): KnownProcess => ({
  process: {
    tgid: 1,
    parent: 0,
    startedNs: 0,
    cpuBeforeNs: 0,
    comm: 'x',
    exePath: '',
    args: [],
    env: new Map(),
    cgroup: NO_CGROUP,
  },
  decision: {
    selected,
    rule: '',
    chosenBy: '',
    settings: { ...DEFAULT_SETTINGS, ...settings },
  },
  forked: false,
  pod: undefined,
  maker: undefined,
})

/** A server's span of so many seconds. */
const served = (path: string, seconds: number, more: Partial<Span> = {}): Span =>
  span({
    kind: SpanKind.server,
    start: [100, 0],
    end: [100, seconds * 1e9],
    attributes: [
      string('http.request.method', 'GET'),
      string('url.scheme', 'http'),
      string('url.path', path),
      string('server.address', 'shop'),
      int('http.response.status_code', 200),
      string('http.route', path),
      int('http.response.body.size', 600),
    ],
    ...more,
  })

/** Records spans as those of process 1, process 2 ... in turn. */
function recorded(
  settings: object,
  spans: readonly Span[],
  processes: readonly KnownProcess[] = [known()],
) {
  let now = 0
  let dropped = 0
  const notMeasured: number[] = []
  const recorder = new Recorder({
    rules: metricsRulesOf(metricsFields.parse(settings)),
    scope: SCOPE,
    now: () => now,
    resourceOf: (one) => ({
      attributes: [string('service.name', `service-${processes.indexOf(one)}`)],
      droppedAttributesCount: 0,
    }),
    onResourceDropped: () => dropped++,
    onAwaitingFull: () => dropped++,
    onNotMeasured: (tgid) => notMeasured.push(tgid),
  })
  const record = (more: readonly Span[]) => {
    for (const [i, one] of more.entries()) recorder.span(one, i % processes.length, true)
    recorder.settle((tgid) => processes[tgid] ?? known())
  }
  const take = () =>
    recorder.take().flatMap((one) => one.scopeMetrics.flatMap(({ metrics }) => metrics))
  record(spans)
  return {
    recorder,
    record,
    take,
    later: (ms: number) => {
      now += ms
    },
    dropped: () => dropped,
    notMeasured,
  }
}

/** `labels: count sum [buckets]` of each point. */
const shown = ({ data }: Metric): string[] =>
  data.kind === 'histogram' || data.kind === 'exponential_histogram'
    ? data.points.map((point) => {
        const labels = point.attributes.map(({ value }) => valueText(value)).join(' ')
        const buckets = 'bucketCounts' in point ? point.bucketCounts : point.positive?.bucketCounts
        return `${labels}: ${point.count} ${point.sum} [${buckets}]`
      })
    : []

const points = (metrics: readonly Metric[], name: string) =>
  metrics.filter((one) => one.name === name).flatMap(shown)

const DURATION = 'http.server.request.duration'
const ONE_BUCKET = { buckets: { duration_histogram: [0.1, 1] } }

describe('Recorder', () => {
  test('waits for what Kubernetes tells of a process', () => {
    const { decision, ...undecided } = known(false)
    const awaits = { ...undecided, decision: { ...decision, awaitsPod: true } } as const
    const spans = [served('/a', 0.25), served('/b', 0.5), served('/c', 0.75)]
    const { recorder, take } = recorded(ONE_BUCKET, spans, [awaits, known()])
    const paths = () => points(take(), DURATION).map((one) => /\/\w/.exec(one)?.[0])
    assert.deepEqual(paths(), ['/b'])
    recorder.settle(() => known())
    assert.deepEqual(paths().sort(), ['/a', '/b', '/c'])
    recorder.settle(() => known())
    assert.equal(paths().length, 3, 'none counts twice')
  })

  test('counts what spans say, by instrument', () => {
    const client = served('/a', 0.5, { kind: SpanKind.client })
    const query = served('', 0.5, {
      kind: SpanKind.client,
      attributes: [
        string('db.system.name', 'postgresql'),
        string('db.query.text', 'SELECT ?'),
        string('db.query.summary', 'SELECT goods'),
        string('error.type', '42P01'),
        string('server.address', '10.0.0.1'),
        int('server.port', 5432),
      ],
    })
    const call = served('', 2, {
      attributes: [
        string('rpc.system.name', 'grpc'),
        string('rpc.method', 'shop.Cart/Add'),
        string('rpc.status_code', 'OK'),
      ],
    })
    const message = (kind: number, ...attributes: Attribute[]) =>
      served('', 0.5, {
        kind,
        attributes: [string('messaging.system', 'rabbitmq'), ...attributes],
      })
    const sent = message(
      SpanKind.producer,
      string('messaging.operation.name', 'publish'),
      string('messaging.destination.name', 'orders'),
    )
    const taken = message(SpanKind.server)
    const both = [served('/a', 0.05), served('/a', 0.5), served('/b', 4)]
    const metrics = recorded(ONE_BUCKET, [...both, client, query, call, sent, taken]).take()
    assert.deepEqual(points(metrics, DURATION), [
      'GET http 200 /a: 2 0.55 [1,1,0]',
      'GET http 200 /b: 1 4 [0,0,1]',
    ])
    assert.deepEqual(points(metrics, 'http.client.request.duration'), [
      'GET shop 200: 1 0.5 [0,1,0]',
    ])
    assert.deepEqual(points(metrics, 'http.server.response.body.size'), [
      'GET http 200 /a: 2 1200 [0,0,0,0,0,0,2,0,0,0,0]',
      'GET http 200 /b: 1 600 [0,0,0,0,0,0,1,0,0,0,0]',
    ])
    assert.deepEqual(points(metrics, 'http.server.request.body.size'), [])
    assert.deepEqual(points(metrics, 'db.client.operation.duration'), [
      'postgresql SELECT goods 42P01 10.0.0.1 5432: 1 0.5 [0,1,0]',
    ])
    assert.deepEqual(points(metrics, 'messaging.client.operation.duration'), [
      'rabbitmq publish orders: 1 0.5 [0,1,0]',
    ])
    assert.deepEqual(points(metrics, 'rpc.server.call.duration'), [
      'grpc shop.Cart/Add OK: 1 2 [0,0,1]',
    ])
    assert.deepEqual(metrics.filter(({ unit }) => unit !== 's').length, 2)
  })

  test('spans that nothing is measured of', () => {
    const internal = served('/a', 1, { kind: SpanKind.internal })
    const unknown = served('/a', 1, { attributes: [string('x', 'y')] })
    assert.deepEqual(recorded({}, [internal, unknown]).take(), [])
  })

  test('dimensions more and less', () => {
    const settings = {
      ...ONE_BUCKET,
      dimensions: ['server.address', 'url.path'],
      exclude_dimensions: ['url.scheme', 'http.request.method'],
    }
    const { recorder, take } = recorded(settings, [served('/a', 1)])
    assert.deepEqual(points(take(), DURATION), ['200 /a shop /a: 1 1 [0,1,0]'])
    assert.equal(recorder.labels.readsHeads, false)
  })

  test('one feature of the two', () => {
    const names = (features: string[]) =>
      recorded({ features }, [served('/a', 1)])
        .take()
        .map(({ name }) => name)
    assert.deepEqual(names(['application_red']), [DURATION])
    assert.deepEqual(names(['application_sizes']), ['http.server.response.body.size'])
  })

  test('cumulative goes on, delta begins anew', () => {
    for (const [temporality, second] of [
      ['CUMULATIVE', ['GET http 200 /a: 2 2 [0,2,0]']],
      ['DELTA', ['GET http 200 /a: 1 1 [0,1,0]']],
    ] as const) {
      const settings = {
        ...ONE_BUCKET,
        aggregation_temporality: `AGGREGATION_TEMPORALITY_${temporality}`,
      }
      const { record, take } = recorded(settings, [served('/a', 1)])
      assert.deepEqual(points(take(), DURATION), ['GET http 200 /a: 1 1 [0,1,0]'])
      record([served('/a', 1)])
      assert.deepEqual(points(take(), DURATION), second)
    }
  })

  test('exponential buckets', () => {
    const settings = { histogram_aggregation: 'base2_exponential_bucket_histogram', max_size: 2 }
    const spans = [served('/a', 0.25), served('/a', 0.5), served('/a', 4)]
    const [duration] = recorded(settings, spans).take()
    assert.equal(duration?.data.kind, 'exponential_histogram')
    assert.deepEqual(duration && shown(duration), ['GET http 200 /a: 3 4.75 [2,1]'])
  })

  test('beyond the cap there is one more series', () => {
    const spans = ['/a', '/b', '/c', '/d'].map((path) => served(path, 1))
    const metrics = recorded({ ...ONE_BUCKET, aggregation_cardinality_limit: 2 }, spans).take()
    assert.deepEqual(points(metrics, DURATION), [
      'GET http 200 /a: 1 1 [0,1,0]',
      'GET http 200 /b: 1 1 [0,1,0]',
      'true: 2 2 [0,2,0]',
    ])
    const data = metrics[0]?.data
    const overflow = data?.kind === 'histogram' ? data.points[2]?.attributes : []
    assert.deepEqual(attribute(overflow ?? [], 'otel.metric.overflow'), {
      kind: 'bool',
      value: true,
    })
  })

  test('what was silent for the ttl is sent once more, then goes', () => {
    const { recorder, record, take, later } = recorded({ ...ONE_BUCKET, ttl: '1s' }, [
      served('/a', 1),
    ])
    later(1001)
    record([served('/b', 1)])
    assert.equal(points(take(), DURATION).length, 2)
    assert.deepEqual(points(take(), DURATION), ['GET http 200 /b: 1 1 [0,1,0]'])
    later(1001)
    take()
    assert.equal(recorder.size, 0)
  })

  test('the resource that was silent for longest makes room', () => {
    const spans = [served('/a', 1), served('/a', 1), served('/a', 1)]
    const processes = [known(), known(), known()]
    const { take, dropped } = recorded({ resource_metrics_cache_size: 2 }, spans, processes)
    assert.deepEqual([points(take(), DURATION).length, dropped()], [2, 1])
  })

  test('processes that are not watched, or export no metrics, are not measured, and counted', () => {
    const spans = [served('/a', 1), served('/a', 1), served('/a', 1)]
    const processes = [known(false), known(true, { exportsMetrics: false }), known()]
    const { take, notMeasured } = recorded(ONE_BUCKET, spans, processes)
    assert.deepEqual(points(take(), DURATION), ['GET http 200 /a: 1 1 [0,1,0]'])
    assert.deepEqual(notMeasured, [0, 1])
  })

  test('more than its first room holds, and then again', () => {
    const many = Array.from({ length: 3000 }, () => served('/a', 1))
    const { record, take } = recorded(ONE_BUCKET, many)
    record([served('/a', 1)])
    assert.deepEqual(points(take(), DURATION), ['GET http 200 /a: 3001 3001 [0,3001,0]'])
  })

  test('exemplars name spans, at most as many as are asked for', () => {
    const settings = { exemplars: { enabled: true, max_per_data_point: 1 } }
    const one = served('/a', 1)
    const { recorder, take } = recorded(settings, [])
    recorder.span(one, 0, false)
    recorder.span(one, 0, true)
    recorder.span(one, 0, true)
    recorder.settle(() => known())
    const exemplars = take().flatMap(({ data }) =>
      data.kind === 'histogram' ? data.points.flatMap((point) => point.exemplars) : [],
    )
    assert.deepEqual(
      exemplars.map(({ traceId, spanId, value }) => [traceId, spanId, value]),
      [[one.traceId, one.spanId, { kind: 'double', value: 1 }]],
    )
    assert.deepEqual(take().map(shown).length, 2)
  })
})
