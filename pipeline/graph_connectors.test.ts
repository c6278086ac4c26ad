import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { later } from '../test/support/context.ts'
import { bench, hostOf, pipe } from '../test/support/graph_bench.ts'
import { checkGraph } from './check_graph.ts'
import { RefusedError } from './component.ts'
import { Graph } from './graph.ts'
import type { PipelineSpec } from './graph_config.ts'

describe('connectors in a graph', () => {
  test('join two pipelines into one, and divide one into two', async () => {
    const { events, configOf, send } = bench()
    const config = configOf({
      'traces/a': pipe(['in/a'], ['pass/a'], ['link']),
      'traces/b': pipe(['in/b'], [], ['link']),
      'traces/1': pipe(['link'], ['pass/1'], ['out/1']),
      'traces/2': pipe(['link'], [], ['out/2']),
    })
    new Graph(config, hostOf())
    await send('in/a', 3)
    await send('in/b', 2)
    assert.deepEqual(events, [
      ...['3 through pass/a', '3 through pass/1', '3 in out/1', '3 in out/2'],
      ...['2 through pass/1', '2 in out/1', '2 in out/2'],
    ])
  })

  test('are one for each pair of signals, started after what they feed and before what feeds them', async () => {
    const { configOf } = bench()
    const config = configOf({
      'traces/in': pipe(['in'], [], ['link']),
      'traces/out': pipe(['link'], ['pass'], ['out']),
    })
    const graph = new Graph(config, hostOf())
    assert.deepEqual(
      graph.instances.map(({ kind, id, signal, makes }) => [kind, id, signal, makes]),
      [
        ['exporter', 'out', 'traces', undefined],
        ['processor', 'pass', 'traces', undefined],
        ['connector', 'link', 'traces', 'traces'],
        ['receiver', 'in', 'traces', undefined],
      ],
    )
    await graph.start(later())
    await graph.shutdown(later())
  })

  test('hand a refusal back to the sender', async () => {
    const { failing, configOf, send } = bench()
    failing.set('out', new RefusedError('full'))
    const config = configOf({
      'traces/in': pipe(['in'], [], ['link']),
      'traces/out': pipe(['link'], [], ['out']),
    })
    new Graph(config, hostOf())
    await assert.rejects(send('in', 1), RefusedError)
  })
})

describe('checkGraph on connectors', () => {
  const { configOf } = bench()
  type Row = [name: string, pipelines: Record<string, PipelineSpec>, issues: string[]]
  const rows: Row[] = [
    [
      'used at both ends',
      { 'traces/in': pipe(['in'], [], ['link']), 'traces/out': pipe(['link'], [], ['out']) },
      [],
    ],
    [
      'only as exporter',
      { 'traces/in': pipe(['in'], [], ['link']) },
      [
        'service::pipelines::traces/in: failed to build pipelines: connector "link" used as exporter in [traces/in] pipeline but not used in any supported receiver pipeline',
      ],
    ],
    [
      'only as receiver',
      { traces: pipe(['in'], [], ['out']), 'traces/out': pipe(['link'], [], ['out']) },
      [
        'service::pipelines::traces/out: failed to build pipelines: connector "link" used as receiver in [traces/out] pipeline but not used in any supported exporter pipeline',
      ],
    ],
    [
      'between two signals that it does not join',
      { 'traces/in': pipe(['in'], [], ['link']), 'logs/out': pipe(['link'], [], ['link/2']) },
      [
        'service::pipelines::traces/in: failed to build pipelines: connector "link" used as exporter in [traces/in] pipeline but not used in any supported receiver pipeline',
        'service::pipelines::logs/out: failed to build pipelines: connector "link" used as receiver in [logs/out] pipeline but not used in any supported exporter pipeline',
        'service::pipelines::logs/out: failed to build pipelines: connector "link/2" used as exporter in [logs/out] pipeline but not used in any supported receiver pipeline',
      ],
    ],
    [
      'a pipeline that feeds itself',
      { traces: pipe(['in', 'link'], ['pass'], ['link']) },
      [
        'service::pipelines::traces: failed to build pipelines: cycle detected: connector "link" (traces to traces) -> processor "pass" in pipeline "traces" -> connector "link" (traces to traces)',
      ],
    ],
    [
      'a circle of two pipelines, entered from a third',
      {
        'traces/0': pipe(['in'], [], ['link/0']),
        'traces/1': pipe(['link/0', 'link/2'], ['pass/1'], ['link/1']),
        'traces/2': pipe(['link/1'], ['pass/2'], ['link/2', 'out']),
      },
      [
        'service::pipelines::traces/2: failed to build pipelines: cycle detected: connector "link/1" (traces to traces) -> processor "pass/2" in pipeline "traces/2" -> connector "link/2" (traces to traces) -> processor "pass/1" in pipeline "traces/1" -> connector "link/1" (traces to traces)',
      ],
    ],
    [
      'two ways to one pipeline are no circle',
      {
        'traces/0': pipe(['in'], [], ['link/1', 'link/2']),
        'traces/1': pipe(['link/1'], [], ['link/3']),
        'traces/2': pipe(['link/2'], [], ['link/3']),
        'traces/3': pipe(['link/3'], [], ['out']),
      },
      [],
    ],
  ]
  const errorsOf = (config: Parameters<typeof checkGraph>[0]) =>
    checkGraph(config)
      .filter(({ severity }) => severity === 'error')
      .map(({ path, message }) => `${path.join('::')}: ${message}`)

  for (const [name, pipelines, issues] of rows) {
    test(name, () => assert.deepEqual(errorsOf(configOf(pipelines)), issues))
  }

  test('a name that a receiver has too', () => {
    const config = configOf({
      'traces/in': pipe(['in'], [], ['link']),
      'traces/out': pipe(['link'], [], ['out']),
    })
    const [receiver] = config.receivers.values()
    assert.ok(receiver)
    assert.deepEqual(
      errorsOf({
        ...config,
        receivers: new Map([
          ['link', receiver],
          ['in', receiver],
        ]),
      }),
      [
        'connectors::link: ambiguous ID: Found both "link" receiver and "link" connector. Change one of the components\' IDs to eliminate ambiguity (e.g. rename "link" connector to "link/connector")',
      ],
    )
  })
})
