import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { lastAccount } from '../faults/account.ts'
import { type Agent, startAgent } from '../truth/agent.ts'
import type { Row } from '../truth/rows.ts'
import { type RowPlay, type RowResult, runRow } from '../truth/run_row.ts'
import { type Sink, startSink } from '../truth/sink.ts'
import { type GoBuild, goBuilds, goClient, goProgram, goServer, nameOfBuild } from './go_builds.ts'

const row = (connections: number): Row => ({
  server: 'go',
  client: 'go',
  connections,
  keepAlive: true,
  tls: true,
})

/** Connections, and requests over them. */
const SHAPES = [
  [1, 20],
  [64, 200],
] as const

/** Whom this process starts, from the first moment on. */
const OURS = { target_pids: [process.pid] }

describe("Go's crypto/tls: every request is one right span at both ends", () => {
  let sink: Sink
  let agent: Agent | undefined

  const play = (build: GoBuild, name: string, requests: number): RowPlay => ({
    prefix: `/r/${`${nameOfBuild(build)} ${name}`.replaceAll(/\W+/g, '_')}-`,
    sink,
    requests,
    timed: false,
    server: goServer(goProgram(build, 'server')),
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
        started.resolve(startAgent({ endpoint: sink.endpoint, instrument: [OURS] }))
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
    for (const [connections, requests] of SHAPES) {
      test(`${nameOfBuild(build)}, ${connections} at once`, async () => {
        const played = play(build, String(connections), requests)
        const { differences, spans } = await runRow(row(connections), played)
        assert.deepEqual(differences, [])
        assert.equal(spans.length, 2 * requests)
      })
    }
  }

  test('nothing was lost', async () => {
    assert.equal(await agent?.stop(), 0)
    if (agent) assert.match(lastAccount(agent).text, / lost 0\b/)
    agent = undefined
  })
})
