import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { object } from '../config/fields.ts'
import { gate, later } from '../test/support/context.ts'
import { bench, hostOf, pipe } from '../test/support/graph_bench.ts'
import { checkGraph } from './check_graph.ts'
import { defineReceiver, RefusedError, stateless } from './component.ts'
import { Graph, GraphError } from './graph.ts'
import type { PipelineConfig, PipelineSpec } from './graph_config.ts'

const schema = object({})

describe('Graph', () => {
  test('starts downstream first, receivers last, and stops the other way round', async () => {
    const { events, configOf } = bench()
    const config = configOf({ traces: pipe(['in'], ['pass/1', 'pass/2'], ['out']) }, ['ext'])
    const graph = new Graph(config, hostOf())
    await graph.start(later())
    const started = ['ext', 'out', 'pass/2', 'pass/1', 'in']
    assert.deepEqual(
      events,
      started.map((id) => `start ${id}`),
    )
    events.length = 0
    await graph.shutdown(later())
    assert.deepEqual(
      events,
      started.toReversed().map((id) => `stop ${id}`),
    )
  })

  test('gives batches to the processors in order, and to all exporters', async () => {
    const { events, configOf, send } = bench()
    const config = configOf({ traces: pipe(['in'], ['pass/1', 'pass/2'], ['out/a', 'out/b']) })
    new Graph(config, hostOf())
    await send('in', 3)
    assert.deepEqual(events, ['3 through pass/1', '3 through pass/2', '3 in out/a', '3 in out/b'])
  })

  test('one receiver and one exporter for each id, one processor for each pipeline', async () => {
    const { events, inputs, configOf, send } = bench()
    const config = configOf({
      'traces/1': pipe(['in'], ['pass'], ['out']),
      'traces/2': pipe(['in'], ['pass'], ['out']),
    })
    const graph = new Graph(config, hostOf())
    assert.equal(inputs.get('in')?.length, 1)
    assert.deepEqual(
      graph.instances.map(({ id, pipeline }) => [id, pipeline]),
      [
        ['out', undefined],
        ['pass', 'traces/1'],
        ['pass', 'traces/2'],
        ['in', undefined],
      ],
    )
    await send('in', 2)
    assert.deepEqual(events, ['2 through pass', '2 in out', '2 through pass', '2 in out'])
  })

  test('an exporter that fails does not keep the batch from the others, and the sender hears of it', async () => {
    const { events, failing, configOf, send } = bench()
    failing.set('out/a', new RefusedError('full', { retryAfterMs: 5 }))
    new Graph(configOf({ traces: pipe(['in'], [], ['out/a', 'out/b']) }), hostOf())
    await assert.rejects(
      send('in', 1),
      (error) => error instanceof RefusedError && error.retryAfterMs === 5,
    )
    assert.deepEqual(events, ['1 in out/a', '1 in out/b'])
  })

  test('a permanent failure beside a refusal is permanent for the sender', async () => {
    const { failing, configOf, send } = bench()
    failing.set('out/a', new RefusedError('full'))
    failing.set('out/b', new Error('bad'))
    new Graph(configOf({ traces: pipe(['in'], [], ['out/a', 'out/b']) }), hostOf())
    await assert.rejects(
      send('in', 1),
      (error) => !(error instanceof RefusedError) && /full; bad/.test(String(error)),
    )
  })

  test('counts what receivers hand on and what processors pass', async () => {
    const { failing, configOf, send } = bench()
    const host = hostOf()
    new Graph(configOf({ traces: pipe(['in'], ['pass'], ['out']) }), host)
    await send('in', 3)
    failing.set('out', new RefusedError('full'))
    await assert.rejects(send('in', 2))
    failing.set('out', new Error('bad'))
    await assert.rejects(send('in', 1))
    assert.deepEqual(
      host.counters.snapshot().map(({ name, labels, value }) => [name, labels, value]),
      [
        ['otelcol_processor_incoming_items', { processor: 'pass', 'otel.signal': 'traces' }, 6],
        ['otelcol_processor_outgoing_items', { processor: 'pass', 'otel.signal': 'traces' }, 6],
        ['otelcol_receiver_accepted_spans', { receiver: 'in' }, 3],
        ['otelcol_receiver_refused_spans', { receiver: 'in' }, 2],
        ['otelcol_receiver_failed_spans', { receiver: 'in' }, 1],
        ['otelcol_receiver_requests', { receiver: 'in', outcome: 'success' }, 1],
        ['otelcol_receiver_requests', { receiver: 'in', outcome: 'refused' }, 1],
        ['otelcol_receiver_requests', { receiver: 'in', outcome: 'failure' }, 1],
      ],
    )
  })

  test('when a component does not start, those that run are stopped', async () => {
    const { events, failing, configOf } = bench()
    failing.set('start in', new Error('address already in use'))
    const graph = new Graph(configOf({ traces: pipe(['in'], [], ['out']) }), hostOf())
    await assert.rejects(graph.start(later()), {
      message: 'cannot start pipelines: failed to start "in" receiver: address already in use',
    })
    assert.deepEqual(events, ['start out', 'start in', 'stop in', 'stop out'])
  })

  test('shutdown before start, and a second one, do nothing', async () => {
    const { events, configOf } = bench()
    const graph = new Graph(configOf({ traces: pipe(['in'], [], ['out']) }), hostOf())
    await graph.shutdown(later())
    assert.deepEqual(events, [])
    await graph.start(later())
    await graph.shutdown(later())
    const once = events.length
    await graph.shutdown(later())
    assert.equal(events.length, once)
  })

  test('a component that does not stop cannot hold the others beyond the deadline', async () => {
    const { configOf, events } = bench()
    const stuck = defineReceiver({
      type: 'in',
      stability: { traces: 'beta' },
      schema,
      create: { traces: () => ({ ...stateless, shutdown: () => gate().promise }) },
    })
    const config = configOf({ traces: pipe(['in'], [], ['out']) })
    const host = hostOf()
    const graph = new Graph(
      { ...config, receivers: new Map([['in', { factory: stuck, config: {} }]]) },
      host,
    )
    await graph.start(later())
    await graph.shutdown(AbortSignal.abort())
    assert.equal(events.at(-1), 'stop out')
    assert.match(host.lines[0] ?? '', /^error\tShutdown missed its deadline\..*"id":"in"/)
  })

  test('tells the status of each component', async () => {
    const { configOf } = bench()
    const host = hostOf()
    const graph = new Graph(configOf({ traces: pipe(['in'], [], ['out']) }), host)
    await graph.start(later())
    await graph.shutdown(later())
    assert.deepEqual(host.statuses, [
      'out starting',
      'out ok',
      'in starting',
      'in ok',
      'in stopping',
      'in stopped',
      'out stopping',
      'out stopped',
    ])
  })
})

describe('checkGraph', () => {
  const { configOf } = bench()
  const good = configOf({ traces: pipe(['in'], ['pass'], ['out']) })
  const withPipelines = (pipelines: Record<string, PipelineSpec>) => ({
    ...good,
    pipelines: new Map(Object.entries(pipelines)),
  })
  const rows: [name: string, config: PipelineConfig, issues: string[]][] = [
    ['a good one', good, []],
    [
      'no pipeline',
      { ...configOf({}) },
      ['error service::pipelines: service must have at least one pipeline'],
    ],
    [
      'an unknown signal',
      { ...configOf({}), pipelines: new Map([['foo/x', pipe([], [], [])]]) },
      ['error service::pipelines::foo/x: in "foo/x" id: unknown pipeline signal: "foo"'],
    ],
    [
      'an empty pipeline, and what it leaves unused',
      withPipelines({ traces: pipe([], ['pass'], []) }),
      [
        'error service::pipelines::traces: must have at least one receiver',
        'error service::pipelines::traces: must have at least one exporter',
        'warning receivers::in: receiver "in" is configured but not used in any pipeline',
        'warning exporters::out: exporter "out" is configured but not used in any pipeline',
      ],
    ],
    [
      'names that are not there, all at once',
      withPipelines({ traces: pipe(['in', 'x'], ['y', 'pass'], ['out', 'z']) }),
      [
        'error service::pipelines::traces: references receiver "x" which is not configured (configured are in)',
        'error service::pipelines::traces: references processor "y" which is not configured (configured are pass)',
        'error service::pipelines::traces: references exporter "z" which is not configured (configured are out)',
      ],
    ],
    [
      'a processor twice',
      withPipelines({ traces: pipe(['in'], ['pass', 'pass'], ['out']) }),
      ['error service::pipelines::traces: references processor "pass" multiple times'],
    ],
    [
      'a signal that a component does not take',
      withPipelines({
        traces: pipe(['in'], ['pass'], ['out']),
        metrics: pipe(['in'], [], ['out']),
      }),
      [
        'error service::pipelines::metrics: failed to create "in" receiver for data type "metrics": telemetry type is not supported (it takes traces)',
        'error service::pipelines::metrics: failed to create "out" exporter for data type "metrics": telemetry type is not supported (it takes traces)',
      ],
    ],
    [
      'an authenticator that is not there',
      configOf({ traces: pipe(['in'], [], ['out']) }, ['ext'], {
        in: { protocols: { http: { auth: { authenticator: 'ext' } } } },
        out: { auth: { authenticator: 'oidc' } },
      }),
      [
        'error exporters::out::auth::authenticator: failed to resolve authenticator "oidc": authenticator not found: it is not in service::extensions',
      ],
    ],
    [
      'an extension that is not there',
      { ...good, service: { extensions: ['health_check'] } },
      ['error service::extensions: references extension "health_check" which is not configured'],
    ],
  ]
  for (const [name, config, issues] of rows) {
    test(name, () =>
      assert.deepEqual(
        checkGraph(config).map(
          ({ severity, path, message }) => `${severity} ${path.join('::')}: ${message}`,
        ),
        issues,
      ),
    )
  }

  test('a graph with errors is not built', () => {
    assert.throws(
      () => new Graph(withPipelines({ traces: pipe([], [], []) }), hostOf()),
      (error) => error instanceof GraphError && error.issues.length === 2,
    )
  })
})
