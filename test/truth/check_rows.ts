import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { lastAccount } from '../faults/account.ts'
import { requests } from '../size.ts'
import { type Agent, type Hooks, type Pairing, startAgent } from './agent.ts'
import { nameOf, type Row } from './rows.ts'
import { type RowResult, runRow } from './run_row.ts'
import { type Sink, startSink } from './sink.ts'

export interface Way {
  readonly hooks: Hooks
  readonly pairing: Pairing
  /** Whether durations are compared: not on emulated machines. */
  readonly timed: boolean
}

const SHOWN = 20

function assertTruth({ server, client }: RowResult): void {
  const differences = [...server.differences, ...client.differences]
  assert.deepEqual(differences.slice(0, SHOWN), [], `${differences.length} differences`)
}

/** Ends the agent: it must have accounted for every exchange, and lost none. */
async function assertEndsWell(agent: Agent, say: (text: string) => void): Promise<void> {
  assert.equal(await agent.stop(), 0)
  const account = lastAccount(agent)
  say(account.text)
  assert.equal(account.lost, 0)
  assert.equal(account.seen, account.exported + account.skipped)
}

function testStanding(rows: readonly Row[], way: Way): void {
  describe(`under one agent, hooks ${way.hooks}, pairing ${way.pairing}`, () => {
    let sink: Sink
    let agent: Agent

    before(async () => {
      sink = await startSink()
      agent = await startAgent({ endpoint: sink.endpoint, hooks: way.hooks, pairing: way.pairing })
    })

    after(() => sink.close())

    for (const row of rows) {
      test(nameOf(row), async () => {
        assertTruth(await runRow(row, requests, sink, way.timed))
      })
    }

    test('nothing was lost, and the agent ended well', (t) =>
      assertEndsWell(agent, (text) => t.diagnostic(text)))
  })
}

function testAdopting(row: Row, { hooks, pairing, timed }: Way): void {
  test(`${nameOf(row)}, hooks ${hooks}, pairing ${pairing}`, async (t) => {
    const sink = await startSink()
    let agent: Agent | undefined
    try {
      const result = await runRow(row, requests, sink, timed, async () => {
        agent = await startAgent({ endpoint: sink.endpoint, hooks, pairing })
      })
      assertTruth(result)
    } finally {
      if (agent) await assertEndsWell(agent, (text) => t.diagnostic(text))
      await sink.close()
    }
  })
}

/** Every request of every row is exactly one right span at both ends. */
export function testRows(rows: readonly Row[], way: Way): void {
  testStanding(
    rows.filter(({ adopted }) => !adopted),
    way,
  )
  for (const row of rows.filter(({ adopted }) => adopted)) testAdopting(row, way)
}
