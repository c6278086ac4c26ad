import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { object, text } from '../config/fields.ts'
import { type Configuration, readConfiguration } from '../config/read.ts'
import { Registry } from '../config/registry.ts'
import { defineExporter, defineReceiver, type Factory, stateless } from '../pipeline/component.ts'
import { Counters } from '../pipeline/telemetry/counters.ts'
import { Agent } from './agent.ts'

/** What happened, in order: `start a`, `stop a`, and what the log said. */
interface Scene {
  readonly events: string[]
  readonly agent: Agent
  configuration(name: string): Promise<Configuration>
}

/** A receiver that says when it starts and stops; one named `broken` does not start. */
const receiver = (events: string[]): Factory =>
  defineReceiver({
    type: 'witness',
    stability: { traces: 'alpha' },
    schema: object({ name: text().describe('Said at start and stop.') }),
    create: {
      traces: (_ctx, { name }) => ({
        async start() {
          if (name.startsWith('broken')) throw new Error(`${name} is broken`)
          events.push(`start ${name}`)
        },
        async shutdown() {
          if (!name.startsWith('broken')) events.push(`stop ${name}`)
        },
      }),
    },
  }) as Factory

const exporter = defineExporter({
  type: 'void',
  stability: { traces: 'alpha' },
  access: 'opaque',
  schema: object({}),
  create: { traces: () => ({ ...stateless, consume: () => Promise.resolve() }) },
}) as Factory

async function scene(name: string): Promise<Scene> {
  const events: string[] = []
  const registry = new Registry([receiver(events), exporter])
  const say = (message: string) => void events.push(message)
  const log = { debug: say, info: say, warn: say, error: say }
  const configuration = (named: string) =>
    readConfiguration(
      {
        uris: [`yaml:${JSON.stringify(documentOf(named))}`],
        sets: [],
        gates: new Set(),
        skipUnsupported: false,
        env: {},
      },
      registry,
    )
  const host = { log, counters: new Counters(), now: () => 0 }
  return { events, agent: new Agent(await configuration(name), host), configuration }
}

const documentOf = (name: string) => ({
  receivers: { witness: { name } },
  exporters: { void: {} },
  service: { pipelines: { traces: { receivers: ['witness'], exporters: ['void'] } } },
})

const READY = 'Everything is ready. Begin running and processing data.'
const AT_WORK = 'The new configuration is at work.'

describe('the agent', () => {
  test('starts, says that it is ready, and stops', async () => {
    const { events, agent } = await scene('a')
    await agent.start()
    await agent.stop()
    assert.deepEqual(events, ['start a', READY, 'stop a'])
  })

  test('leaves everything alone if the configuration is equal', async () => {
    const { events, agent, configuration } = await scene('a')
    await agent.start()
    await agent.replace(await configuration('a'))
    assert.deepEqual(events, ['start a', READY, 'The configuration is unchanged.'])
  })

  test('puts a new configuration in the place of the old one', async () => {
    const { events, agent, configuration } = await scene('a')
    await agent.start()
    await agent.replace(await configuration('b'))
    assert.deepEqual(events, ['start a', READY, 'stop a', 'start b', AT_WORK])
  })

  test('goes back to the old one if the new one does not start', async () => {
    const { events, agent, configuration } = await scene('a')
    await agent.start()
    await agent.replace(await configuration('broken'))
    const failed = 'The new configuration does not start, the old one runs on.'
    assert.deepEqual(events, ['start a', READY, 'stop a', 'start a', failed])
  })

  test('rejects if it does not start', async () => {
    const { agent } = await scene('broken')
    await assert.rejects(agent.start(), /failed to start "witness" receiver: broken is broken/)
  })
})
