import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { lastAccount } from '../faults/account.ts'
import { emulated, full } from '../size.ts'
import { type Agent, type Hooks, hooksOf, type Pairing, startAgent } from './agent.ts'
import { nameOf, type Row } from './rows.ts'
import { type RowPlay, type RowResult, runRow } from './run_row.ts'
import { type ReceivedSpan, type Sink, startSink } from './sink.ts'
import { spanDifferences } from './span_facts.ts'

export interface Ways {
  readonly hooks: Hooks
  /** Each plays every row; what two of them give is compared span for span. */
  readonly pairings: readonly Pairing[]
  /** Requests of each row. */
  readonly requests: number
  /** Whether durations are compared: not on emulated machines. */
  readonly timed: boolean
}

const SHOWN = 20
/**
 * The full form asks as fast as its programs can, and on a shared machine an agent may get no CPU for seconds: its rings hold
 * what moves in them. With what they have by default it tells exactly what it lost, and the row says no more than that.
 */
const RINGS = full ? { rings: { size: emulated ? '64MiB' : '256MiB' } } : {}
/**
 * How often a row is played whose durations alone are wrong: on a shared machine one of its programs may have stood still for a
 * while, between its own clock and its system call. What weir has wrong, it has wrong each time.
 */
const PLAYS = 3
/** Of what the kernel may pair. How much finds its slot taken depends on what else the machine serves: the share is printed. */
const SHARE_PAIRED = 0.5
/** Of a connection older than the agent, the first exchange at each end may have begun before it looked. */
const UNPAIRED_IF_ADOPTED = 2

const play = (row: Row, way: Ways, sink: Sink): RowPlay => ({
  prefix: `/r/${nameOf(row).replaceAll(/\W+/g, '_')}-`,
  sink,
  requests: way.requests,
  timed: way.timed,
})

function assertNone(differences: readonly string[]): void {
  assert.deepEqual(differences.slice(0, SHOWN), [], `${differences.length} differences`)
}

/** The spans that rows gave, by pairing and row. */
type Played = Map<Pairing, Map<string, readonly ReceivedSpan[]>>

function keep(played: Played, pairing: Pairing, row: Row, { spans }: RowResult): void {
  const rows = played.get(pairing) ?? new Map<string, readonly ReceivedSpan[]>()
  played.set(pairing, rows.set(nameOf(row), spans))
}

function assertResult(t: TestContext, { differences, late, timing }: RowResult): void {
  t.diagnostic(timing)
  assertNone([...differences, ...late])
}

/** Plays a row whose connections come after the agent. */
async function playStanding(t: TestContext, row: Row, how: RowPlay): Promise<RowResult> {
  let result = await runRow(row, how)
  for (let plays = 1; plays < PLAYS && isOnlyLate(result); plays++) {
    t.diagnostic(`${result.timing}: once more`)
    result = await runRow(row, how)
  }
  return result
}

const isOnlyLate = ({ differences, late }: RowResult): boolean =>
  differences.length === 0 && late.length > 0

/** The hooks that were asked for, or with `auto` the best that this kernel did not refuse. */
function assertHooks(t: TestContext, agent: Agent, wanted: Hooks): void {
  const { family, refused } = hooksOf(agent)
  t.diagnostic(`hooks ${family}`)
  if (wanted !== 'auto') assert.equal(family, wanted)
  else assert.equal(refused.length, ['fentry', 'tracepoint', 'kprobe'].indexOf(family))
}

/** Ends the agent, which found so many connections: it must have accounted for every exchange, lost none, and paired them where it was told to. */
async function assertEndsWell(
  t: TestContext,
  agent: Agent,
  pairing: Pairing,
  adopted: number,
): Promise<void> {
  assert.equal(await agent.stop(), 0)
  const account = lastAccount(agent)
  const share = account.pairedInKernel / account.seen
  t.diagnostic(account.text)
  t.diagnostic(`pairing ${pairing}: ${(share * 100).toFixed(2)} % paired in the kernel`)
  assert.equal(account.lost, 0)
  assert.equal(account.seen, account.exported + account.skipped)
  if (pairing === 'user') assert.equal(share, 0)
  else {
    const could = account.seen - UNPAIRED_IF_ADOPTED * adopted
    assert.ok(account.pairedInKernel >= SHARE_PAIRED * could, `${share} paired in the kernel`)
  }
}

/** The first row may be an adopting one: then the agent starts once its connections stand. */
function testTogether(rows: readonly Row[], way: Ways, pairing: Pairing, played: Played): void {
  describe(`under one agent, hooks ${way.hooks}, pairing ${pairing}`, () => {
    let sink: Sink
    let agent: Agent
    const start = async () => {
      agent = await startAgent({ endpoint: sink.endpoint, hooks: way.hooks, pairing, ...RINGS })
    }
    const adopting = rows.filter(({ adopted }) => adopted)

    before(async () => {
      sink = await startSink()
      if (adopting.length === 0) await start()
    })

    after(() => sink.close())

    for (const row of rows) {
      test(nameOf(row), async (t) => {
        const how = play(row, way, sink)
        const result = row.adopted
          ? await runRow(row, { ...how, hold: start })
          : await playStanding(t, row, how)
        keep(played, pairing, row, result)
        assertResult(t, result)
      })
    }

    test('served as asked, nothing lost, and the agent ended well', async (t) => {
      assertHooks(t, agent, way.hooks)
      const adopted = adopting.reduce((sum, { connections }) => sum + connections, 0)
      await assertEndsWell(t, agent, pairing, adopted)
    })
  })
}

function testAdopting(row: Row, way: Ways, pairing: Pairing, played: Played): void {
  const { hooks } = way
  test(`${nameOf(row)}, hooks ${hooks}, pairing ${pairing}`, async (t) => {
    const sink = await startSink()
    t.after(() => sink.close())
    let agent: Agent | undefined
    try {
      const hold = async () => {
        agent = await startAgent({ endpoint: sink.endpoint, hooks, pairing, ...RINGS })
      }
      const result = await runRow(row, { ...play(row, way, sink), hold })
      keep(played, pairing, row, result)
      assertResult(t, result)
      if (agent) assertHooks(t, agent, hooks)
    } finally {
      if (agent) await assertEndsWell(t, agent, pairing, row.connections)
    }
  })
}

/** Every request of every row is exactly one right span at both ends, by whichever pairing, and the same one. */
export function testRows(rows: readonly Row[], way: Ways): void {
  if (rows.length === 0) return
  const played: Played = new Map()
  const standing = rows.filter(({ adopted }) => !adopted)
  const adopting = rows.filter(({ adopted }) => adopted)
  // An agent's start is what takes longest on emulated machines: one of the adopting rows makes it for all standing ones.
  const first = standing.length > 0 ? adopting.slice(0, 1) : []
  for (const pairing of way.pairings) {
    if (standing.length > 0) testTogether([...first, ...standing], way, pairing, played)
    for (const row of adopting.slice(first.length)) testAdopting(row, way, pairing, played)
  }
  if (way.pairings.length === 1) return
  test(`both pairings give the same spans, hooks ${way.hooks}`, () => {
    for (const row of rows) {
      const [one = [], other = []] = way.pairings.map((pairing) =>
        played.get(pairing)?.get(nameOf(row)),
      )
      assert.ok(one.length > 0, `${nameOf(row)} was played`)
      assertNone(spanDifferences(one, other))
    }
  })
}
