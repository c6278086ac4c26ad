import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { lastAccount } from '../faults/account.ts'
import { full } from '../size.ts'
import { type Agent, startAgent } from '../truth/agent.ts'
import type { Row } from '../truth/rows.ts'
import { type RowPlay, type RowResult, runRow } from '../truth/run_row.ts'
import { type Sink, startSink } from '../truth/sink.ts'
import { type GoBuild, goBuilds, goClient, goProgram, goServer, nameOfBuild } from './go_builds.ts'

const row = (connections: number, streams?: number): Row => ({
  server: 'go',
  client: 'go',
  connections,
  keepAlive: true,
  tls: true,
  ...(streams ? { streams } : {}),
})

interface Shape {
  readonly connections: number
  /** Of each connection at once, over HTTP/2. */
  readonly streams?: number
  readonly requests: number
}

const SHAPES: readonly Shape[] = [
  { connections: 1, requests: 20 },
  { connections: 64, requests: 200 },
  { connections: 8, streams: 10, requests: full ? 10_000 : 200 },
]

/** All that many streams do, should weir get no CPU meanwhile: this is about what probes see. */
const ROOM = { rings: { size: full ? '256MiB' : '64MiB' } }

/** Whom this process starts, from the first moment on. */
const OURS = { target_pids: [process.pid] }

describe("Go's crypto/tls: every request is one right span at both ends", () => {
  let sink: Sink
  let agent: Agent | undefined

  const play = (build: GoBuild, name: string, requests: number, words: string[] = []): RowPlay => ({
    prefix: `/r/${`${nameOfBuild(build)} ${name}`.replaceAll(/\W+/g, '_')}-`,
    sink,
    requests,
    timed: false,
    server: goServer(goProgram(build, 'server'), ...words),
    client: goClient(goProgram(build, 'client')),
  })

  before(async () => {
    sink = await startSink()
  })
  after(async () => {
    await agent?.stop()
    await sink.close()
  })

  /** One agent, started once all of them have connections that stand: both ends wait in Read by then. */
  test('programs and connections that are older than weir', async () => {
    let holding = 0
    const started = Promise.withResolvers<Agent>()
    const hold = async () => {
      holding++
      if (holding === goBuilds.length)
        started.resolve(startAgent({ endpoint: sink.endpoint, instrument: [OURS], ...ROOM }))
      agent = await started.promise
    }
    const rows = goBuilds.map((build) => runRow(row(4), { ...play(build, 'old', 20), hold }))
    const results: RowResult[] = await Promise.all(rows)
    assert.deepEqual(
      results.flatMap(({ differences }) => differences),
      [],
    )
  })

  for (const build of goBuilds) {
    for (const { connections, streams, requests } of SHAPES) {
      const name = streams ? `${connections} of HTTP/2` : `${connections}`
      test(`${nameOfBuild(build)}, ${name} at once`, async () => {
        const played = play(build, name, requests, streams ? ['http2'] : [])
        const { differences, spans } = await runRow(row(connections, streams), played)
        assert.deepEqual(differences, [])
        assert.equal(spans.length, 2 * requests)
        const version = streams ? '2' : '1.1'
        for (const { attributes } of spans) {
          assert.equal(attributes.get('network.protocol.version') ?? '1.1', version)
          assert.equal(attributes.get('weir.partial'), undefined)
        }
      })
    }
  }

  test('nothing was lost', async () => {
    assert.equal(await agent?.stop(), 0)
    if (agent) assert.match(lastAccount(agent).text, / lost 0\b/)
    agent = undefined
  })
})
