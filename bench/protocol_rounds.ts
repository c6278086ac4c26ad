/**
 * Runs where the load is: in the guest, or on the host with `--host`. Prints one JSON line.
 *
 *   protocol_rounds.js [--folder DIR] [--rounds N] [--seconds N] [--warm-up N] [--only LOAD,LOAD] [--peer COMMAND] [--peer-root DIR]
 */
import { mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { accountOf, peer, type Variant, weir } from './agents.ts'
import { cpuUs, type Load, memoryOf, treeCpuUs } from './measure.ts'
import { ROUNDS_OPTIONS } from './options.ts'
import { LOADS, type Loaded, type LoadKind } from './protocol_servers.ts'
import { type Sink, startSink } from './sink.ts'
import type { Measured } from './table.ts'

export interface ProtocolRounds {
  readonly samples: readonly Measured[]
  /** The agent's last lines of each run: what it saw, exported, lost. */
  readonly accounts: readonly string[]
}

const { values: options } = parseArgs({
  options: {
    ...ROUNDS_OPTIONS,
    'warm-up': { type: 'string', default: '20' },
    only: { type: 'string', default: '' },
  },
})

const RINGS = '8MiB'
const WARM_UP_SECONDS = Number(options['warm-up'])
/** Of the load by which the rate is learned: it meets a cold agent. */
const FIRST_SECONDS = Math.min(15, WARM_UP_SECONDS)

const samples: Measured[] = []
const accounts: string[] = []

/** One load, and below it the CPU time of both. */
async function measure(
  loaded: Loaded,
  agentPid: number | undefined,
  rate: number,
): Promise<Omit<Measured, 'variant' | 'load'>> {
  const cpu = () => [treeCpuUs(loaded.pid), agentPid === undefined ? 0 : cpuUs(agentPid)] as const
  const [appBefore, agentBefore] = cpu()
  const { requests, seconds, p99Ms } = await loaded.hold(Number(options.seconds), rate).go()
  const [appAfter, agentAfter] = cpu()
  return {
    requestsPerSecond: requests / seconds,
    p99Ms,
    appUs: (appAfter - appBefore) / requests,
    agentUs: (agentAfter - agentBefore) / requests,
    ...(agentPid === undefined ? { rssMiB: 0, peakMiB: 0 } : memoryOf(agentPid)),
  }
}

const rateOf = ({ requests, seconds }: Load) => requests / seconds

function keep(sample: Measured): void {
  samples.push(sample)
  console.error(
    `${sample.load}, ${sample.variant}: ${sample.requestsPerSecond.toFixed(0)} operations/s, agent ${sample.agentUs.toFixed(1)} us each`,
  )
}

/** A load without an agent, and under each, every time a fresh one. */
async function playRound(kind: LoadKind, loaded: Loaded, sink: Sink): Promise<void> {
  const base = rateOf(await loaded.hold(FIRST_SECONDS, 0).go())
  keep({ variant: 'none', load: kind.name, ...(await measure(loaded, undefined, base)) })
  for (const variant of variantsOf(loaded)) {
    const agent = await variant.start(sink.endpoint)
    try {
      // Those that count need to know how many: an agent slows them down.
      const first = rateOf(await loaded.hold(FIRST_SECONDS, base / 4).go())
      const rate = rateOf(await loaded.hold(WARM_UP_SECONDS, first).go())
      const measured = await measure(loaded, agent.pid, rate)
      keep({ variant: variant.name, load: kind.name, ...measured })
    } finally {
      await agent.stop() // the next load's would find its lock
    }
    const account = accountOf(agent.log)
    if (account) accounts.push(`${kind.name}: ${account}`)
  }
}

function variantsOf({ target }: Loaded): Variant[] {
  const variants = [weir(RINGS, target)]
  if (options.peer) variants.push(peer(options.peer, options['peer-root'], target))
  return variants
}

async function playRounds(kind: LoadKind, sink: Sink): Promise<void> {
  const loaded = await kind.start(options.folder)
  try {
    for (let round = 0; round < Number(options.rounds); round++) {
      await playRound(kind, loaded, sink)
    }
  } finally {
    await loaded.stop()
  }
}

async function run(): Promise<ProtocolRounds> {
  mkdirSync(options.folder, { recursive: true })
  const sink = await startSink(options.folder)
  const wanted = options.only.split(',')
  for (const kind of LOADS.filter(({ name }) => wanted.some((word) => name.includes(word)))) {
    // What others gave is not lost with it.
    await playRounds(kind, sink).catch((error: unknown) => console.error(kind.name, error))
  }
  await sink.close()
  return { samples, accounts }
}

process.stdout.write(`${JSON.stringify(await run())}\n`)
