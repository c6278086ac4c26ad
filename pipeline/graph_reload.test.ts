import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { object } from '../config/fields.ts'
import { gate, later } from '../test/support/context.ts'
import { bench, hostOf, pipe } from '../test/support/graph_bench.ts'
import { defineReceiver, stateless } from './component.ts'
import { Graph, NotReplacedError } from './graph.ts'

const schema = object({})
const CHAIN = { traces: pipe(['in'], ['pass/1', 'pass/2'], ['out']) }

async function running(settings = {}) {
  const scene = bench()
  const host = hostOf()
  const graph = new Graph(scene.configOf(CHAIN, ['ext'], settings), host)
  await graph.start(later())
  scene.events.length = 0
  const reload = (pipelines = CHAIN, other = {}, extensions = ['ext']) =>
    graph.replace(scene.configOf(pipelines, extensions, other), later)
  return { ...scene, host, graph, reload }
}

describe('a reload', () => {
  type Row = [name: string, settings: object, pipelines: typeof CHAIN, events: string[]]
  const changed = { changed: true }
  const rows: Row[] = [
    ['of an equal configuration touches nothing', {}, CHAIN, []],
    ['replaces an exporter alone', { out: changed }, CHAIN, ['stop out', 'start out']],
    ['replaces a receiver alone', { in: changed }, CHAIN, ['stop in', 'start in']],
    ['replaces a processor alone', { 'pass/2': changed }, CHAIN, ['stop pass/2', 'start pass/2']],
    [
      'stops upstream first and starts downstream first',
      { in: changed, 'pass/1': changed, out: changed },
      CHAIN,
      ['stop in', 'stop pass/1', 'stop out', 'start out', 'start pass/1', 'start in'],
    ],
    ['takes a processor out', {}, { traces: pipe(['in'], ['pass/2'], ['out']) }, ['stop pass/1']],
    [
      'adds a processor and an exporter',
      {},
      { traces: pipe(['in'], ['pass/1', 'pass/3', 'pass/2'], ['out', 'out/2']) },
      ['start out/2', 'start pass/3'],
    ],
    ['replaces an extension', { ext: changed }, CHAIN, ['stop ext', 'start ext']],
  ]
  for (const [name, settings, pipelines, want] of rows) {
    test(name, async () => {
      const { events, reload, send, graph } = await running()
      await reload(pipelines, settings)
      assert.deepEqual(events, want)
      events.length = 0
      await send('in', 1)
      const [, ...path] = graph.instances.map(({ id }) => id)
      assert.deepEqual(events.length, path.length - 1)
    })
  }

  test('a new order of the processors moves batches, not components', async () => {
    const { events, reload, send } = await running()
    await reload({ traces: pipe(['in'], ['pass/2', 'pass/1'], ['out']) })
    await send('in', 1)
    assert.deepEqual(events, ['1 through pass/2', '1 through pass/1', '1 in out'])
  })

  test('what is sent meanwhile waits, and reaches the new component', async () => {
    const { events, configOf, inputs, graph, send } = await running()
    const stopping = gate()
    const config = configOf(CHAIN, ['ext'], { out: { changed: true } })
    const [out] = config.exporters.values()
    assert.ok(out)
    const slow = {
      ...out.factory,
      create: {
        traces: () => ({
          ...stateless,
          start: () => stopping.promise,
          consume: async () => void events.push('taken by the new one'),
        }),
      },
    }
    const replaced = graph.replace(
      { ...config, exporters: new Map([['out', { factory: slow, config: {} }]]) },
      later,
    )
    await new Promise(setImmediate)
    const sent = send('in', 1)
    await new Promise(setImmediate)
    assert.deepEqual(events, ['stop out', '1 through pass/1', '1 through pass/2'])
    stopping.open()
    await Promise.all([replaced, sent])
    assert.equal(events.at(-1), 'taken by the new one')
    assert.equal(inputs.get('in')?.length, 1)
  })

  test('a component that can take its new settings is not replaced', async () => {
    const { configOf, graph, events } = await running()
    const seen: unknown[] = []
    const receiver = defineReceiver({
      type: 'in',
      stability: { traces: 'beta' },
      schema,
      create: {
        traces: () => ({
          ...stateless,
          async reconfigure(config: unknown) {
            seen.push(config)
            return (config as { inPlace: boolean }).inPlace
          },
        }),
      },
    })
    const withConfig = (config: object) => ({
      ...configOf(CHAIN, ['ext']),
      receivers: new Map([['in', { factory: receiver, config }]]),
    })
    const reload = (config: object) => graph.replace(withConfig(config), later)
    await reload({ inPlace: true, n: 0 })
    assert.deepEqual(await reload({ inPlace: true, n: 1 }), { kept: 5, started: 0, stopped: 0 })
    assert.deepEqual(await reload({ inPlace: true, n: 1 }), { kept: 5, started: 0, stopped: 0 })
    assert.deepEqual(await reload({ inPlace: false }), { kept: 4, started: 1, stopped: 1 })
    assert.deepEqual(seen, [{ inPlace: true, n: 1 }, { inPlace: false }])
    assert.deepEqual(events, ['stop in'])
  })

  test('goes back if a new component does not start', async () => {
    const { events, failing, reload, send } = await running()
    failing.set('start out/new', new Error('no such file'))
    await assert.rejects(
      reload({ traces: pipe(['in'], ['pass/1'], ['out/new']) }),
      (error) =>
        error instanceof NotReplacedError &&
        error.running &&
        /failed to start "out\/new" exporter: no such file/.test(error.message),
    )
    assert.deepEqual(events, [
      ...['stop pass/2', 'stop out', 'start out/new', 'stop out/new', 'start out', 'start pass/2'],
    ])
    events.length = 0
    await send('in', 1)
    assert.deepEqual(events, ['1 through pass/1', '1 through pass/2', '1 in out'])
  })

  test('stops everything if the old configuration does not start again', async () => {
    const { events, failing, reload } = await running()
    failing.set('start out/new', new Error('no such file'))
    failing.set('start out', new Error('gone'))
    await assert.rejects(
      reload({ traces: pipe(['in'], ['pass/1'], ['out/new']) }),
      (error) => error instanceof NotReplacedError && !error.running,
    )
    assert.deepEqual(events.slice(-4), ['stop in', 'stop pass/1', 'stop out', 'stop ext'])
  })

  test('a bad graph changes nothing', async () => {
    const { events, reload } = await running()
    await assert.rejects(
      reload({ traces: pipe(['in'], [], []) }),
      /must have at least one exporter/,
    )
    assert.deepEqual(events, [])
  })

  test('whatever uses a replaced extension is replaced too', async () => {
    const { configOf, graph, events } = await running()
    const receiver = defineReceiver({
      type: 'in',
      stability: { traces: 'beta' },
      schema,
      create: {
        traces: (ctx) => ({
          ...stateless,
          start: async () => void events.push(`in has ${ctx.extension('ext') !== undefined}`),
        }),
      },
    })
    const withExtension = (settings: Record<string, unknown>) => ({
      ...configOf(CHAIN, ['ext'], settings),
      receivers: new Map([['in', { factory: receiver, config: {} }]]),
    })
    await graph.replace(withExtension({}), later)
    await graph.replace(withExtension({ ext: { changed: true } }), later)
    assert.deepEqual(events, ['stop in', 'in has true', 'stop ext', 'start ext', 'in has true'])
  })
})
