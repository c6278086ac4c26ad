import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { string } from '../../pipeline/data/attributes.ts'
import { type MetricBatch, traceBatch } from '../../pipeline/data/batch.ts'
import type { Metric } from '../../pipeline/data/metrics.ts'
import { type ResourceSpans, type Span, SpanKind } from '../../pipeline/data/traces.ts'
import { later, testContext } from '../../test/support/context.ts'
import { keep } from '../../test/support/keep.ts'
import { resource, resourceSpans, span } from '../../test/support/telemetry.ts'
import { serviceGraph } from './factory.ts'

const took = (ms: number) => ({ start: [100, 0], end: [100, ms * 1e6] }) as const
const CLIENT = { kind: SpanKind.client, spanId: '00000000000000c1' }
const SERVER = { kind: SpanKind.server, spanId: '00000000000000d1', parentSpanId: CLIENT.spanId }

const web = (more: Partial<Span> = {}) =>
  resourceSpans([span({ ...CLIENT, ...took(30), attributes: [], ...more })], 'web')
const shop = (more: Partial<Span> = {}) =>
  resourceSpans([span({ ...SERVER, ...took(20), attributes: [], ...more })], 'shop')
const error = { status: { code: 2, message: '' } }

/** A connector, a clock that only the test moves, and what it has sent. */
async function made(settings: object = {}) {
  const clock = { now: 0 }
  const { ctx, count } = testContext('service_graph', () => clock.now)
  const { kept, consume } = keep<MetricBatch>()
  const config = serviceGraph.schema.parse(settings)
  const connector = serviceGraph.create['traces->metrics']?.(ctx, config, { consume })
  assert(connector !== undefined)
  await connector.start()
  return {
    clock,
    count,
    give: (...data: ResourceSpans[]) => connector.consume(traceBatch(data), {}),
    /** The metrics that are sent at the end. */
    async end(): Promise<readonly Metric[]> {
      await connector.shutdown(later())
      const all = kept.at(-1)?.resources() ?? []
      return all.flatMap((one) => one.scopeMetrics.flatMap((scope) => scope.metrics))
    },
  }
}

/** `labels: value` of each point of a metric, the histograms' with count, sum and buckets. */
function points(metrics: readonly Metric[], name: string): string[] {
  const data = metrics.find((one) => one.name === `traces_service_graph_${name}`)?.data
  return (data?.points ?? []).map((one) => {
    const labels = one.attributes.map(({ value }) => ('value' in value ? value.value : '')).join()
    if ('bucketCounts' in one) return `${labels}: ${one.count} ${one.sum} [${one.bucketCounts}]`
    if ('scale' in one) return `${labels}: ${one.count} ${one.sum} scale ${one.scale}`
    return `${labels}: ${'value' in one && 'value' in one.value ? one.value.value : ''}`
  })
}

describe('service_graph', () => {
  for (const [name, parts] of [
    ['client first', [web(), shop()]],
    ['server first', [shop(), web()]],
  ] as const) {
    test(`a request between two services, ${name}`, async () => {
      const graph = await made({ latency_histogram_buckets: ['25ms', '1s'] })
      for (const part of parts) await graph.give(part)
      const metrics = await graph.end()
      assert.deepEqual(points(metrics, 'request_total'), ['web,shop,,false: 1'])
      assert.deepEqual(points(metrics, 'request_failed_total'), [])
      assert.deepEqual(points(metrics, 'request_server'), ['web,shop,,false: 1 0.02 [1,0,0]'])
      assert.deepEqual(points(metrics, 'request_client'), ['web,shop,,false: 1 0.03 [0,1,0]'])
      assert.equal(metrics.find((one) => one.name.endsWith('_client'))?.unit, 's')
      assert.equal(graph.count('total_edges'), 1)
      assert.equal(graph.count('expired_edges'), 0)
    })
  }

  test('the bounds of the Collector, if there are no others', async () => {
    const graph = await made()
    await graph.give(web(), shop())
    const data = (await graph.end()).find((one) => one.name.endsWith('_server'))?.data
    const bounds = data?.kind === 'histogram' ? data.points[0]?.explicitBounds : []
    assert.deepEqual(
      bounds,
      [0.002, 0.004, 0.006, 0.008, 0.01, 0.05, 0.1, 0.2, 0.4, 0.8, 1, 1.4, 2, 5, 10, 15],
    )
  })

  test('exponential histograms', async () => {
    const graph = await made({ exponential_histogram_max_size: 160 })
    await graph.give(web(), shop())
    assert.deepEqual(points(await graph.end(), 'request_server'), [
      'web,shop,,false: 1 0.02 scale 20',
    ])
  })

  test('an error of either side is a failed request', async () => {
    const graph = await made()
    await graph.give(web(error), shop())
    const metrics = await graph.end()
    assert.deepEqual(points(metrics, 'request_failed_total'), ['web,shop,,true: 1'])
    assert.deepEqual(points(metrics, 'request_total'), ['web,shop,,true: 1'])
  })

  test('a database sends no spans', async () => {
    const graph = await made({ database_name_attributes: ['db.name', 'db.namespace'] })
    await graph.give(web({ attributes: [string('db.namespace', 'orders')] }))
    const metrics = await graph.end()
    assert.deepEqual(points(metrics, 'request_total'), ['web,orders,database,false: 1'])
    assert.match(points(metrics, 'request_server')[0] ?? '', /: 1 0\.03 /)
  })

  test('an empty list of names of databases is that of the default', async () => {
    const graph = await made({ database_name_attributes: [] })
    await graph.give(web({ attributes: [string('db.name', 'orders'), string('', 'nameless')] }))
    const metrics = await graph.end()
    assert.deepEqual(points(metrics, 'request_total'), ['web,orders,database,false: 1'])
  })

  test('producer and consumer', async () => {
    const graph = await made()
    await graph.give(web({ kind: SpanKind.producer }), shop({ kind: SpanKind.consumer }))
    const metrics = await graph.end()
    assert.deepEqual(points(metrics, 'request_total'), ['web,shop,messaging_system,false: 1'])
  })

  test('labels of both sides, of the resource before the span', async () => {
    const graph = await made({ dimensions: ['zone', 'service.name'] })
    const attributes = [string('zone', 'a'), string('service.name', 'of the span')]
    await graph.give(web({ attributes }), shop())
    const [point] = (await graph.end())[0]?.data.points ?? []
    assert.deepEqual(point?.attributes.slice(4), [
      string('client_service.name', 'web'),
      string('client_zone', 'a'),
      string('server_service.name', 'shop'),
    ])
  })

  for (const [name, data, settings, want] of [
    ['a server without parent', shop({ parentSpanId: '' }), {}, 'user,shop,virtual_node,false: 1'],
    ['a client', web(), {}, 'web,unknown,virtual_node,false: 1'],
    [
      'a client that names its peer',
      web({ attributes: [string('db.system', 'redis'), string('peer.service', 'cache')] }),
      {},
      'web,cache,virtual_node,false: 1',
    ],
    [
      'a client, labelled',
      web(),
      { virtual_node_extra_label: true },
      'web,unknown,virtual_node,false,server: 1',
    ],
  ] as const) {
    test(`${name} alone makes a virtual node`, async () => {
      const graph = await made({ store: { ttl: '2s' }, ...settings })
      await graph.give(data)
      assert.deepEqual(points(await graph.end(), 'request_total'), [want])
      assert.equal(graph.count('expired_edges'), 1)
    })
  }

  for (const [name, data, settings, want] of [
    ['a server whose parent did not come', shop(), {}, ',shop,: 1'],
    ['a client, without peer attributes', web(), { virtual_node_peer_attributes: [] }, 'web,,: 1'],
  ] as const) {
    test(`${name} is unpaired`, async () => {
      const graph = await made(settings)
      await graph.give(data)
      const metrics = await graph.end()
      assert.deepEqual(points(metrics, 'unpaired_spans_total'), [want])
      assert.deepEqual(points(metrics, 'request_total'), [])
    })
  }

  test('what waited too long makes room, what has no room is counted', async () => {
    const graph = await made({ store: { ttl: '2s', max_items: 1 } })
    await graph.give(web())
    await graph.give(web({ spanId: '00000000000000c2' }))
    assert.equal(graph.count('dropped_spans'), 1)
    graph.clock.now = 2000
    await graph.give(web({ spanId: '00000000000000c3' }))
    assert.deepEqual([graph.count('dropped_spans'), graph.count('expired_edges')], [1, 1])
    assert.deepEqual(points(await graph.end(), 'dropped_spans_total'), ['web,,: 1'])
  })

  test('counts go on from one time to the next; sampled spans stand for others', async () => {
    const graph = await made({ metrics_flush_interval: '0s' })
    await graph.give(web(), shop())
    await graph.give(web({ traceState: 'ot=th:c' }), shop({ traceState: 'ot=th:c' }))
    assert.deepEqual(points(await graph.end(), 'request_total'), ['web,shop,,false: 5'])
  })

  test('times are put back', async () => {
    const graph = await made({ metrics_timestamp_offset: '1h' })
    await graph.give(web(), shop())
    const time = (await graph.end())[0]?.data.points[0]?.time[0] ?? 0
    assert(Math.abs(Date.now() / 1000 - 3600 - time) < 60)
  })

  test('spans within a service, and of resources without a name, make no requests', async () => {
    const graph = await made()
    const nameless = { ...web(), resource: { ...resource(), attributes: [] } }
    await graph.give(web({ kind: SpanKind.internal }), nameless)
    assert.deepEqual(await graph.end(), [])
    assert.equal(graph.count('skipped_no_service_name'), 1)
  })

  for (const [settings, want] of [
    [{ exponential_histogram_max_size: -1 }, /can not be negative/],
    [
      { exponential_histogram_max_size: 160, latency_histogram_buckets: ['1ms'] },
      /use either `latency_histogram_buckets` or `exponential_histogram_max_size`/,
    ],
    [{ store: { max_items: 0 } }, /max_items/],
  ] as const) {
    test(`${JSON.stringify(settings)}: refused`, () =>
      assert.throws(() => serviceGraph.schema.parse(settings), want))
  }
})
