/** `npm run bench:pipeline`: spans that one agent passes on, per second of its CPU time. Options: `--help`. */

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { freePort } from '../test/support/ports.ts'
import { median, memoryOf } from './measure.ts'
import { Agent, playRound, type Sample, type Timing } from './pipeline_round.ts'
import { idleConfig, VARIANTS, type Variant } from './pipeline_variants.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const WEIR = `${join(ROOT, 'bin/weir')} run --config {config}`
const IDLE_MS = 10_000
const NAMES = VARIANTS.map((one) => one.name)
const HELP = `usage: npm run bench:pipeline -- [options]

  --variant NAME      ${NAMES.join(', ')} or idle; several times for several (all)
  --rounds N          all agents in turn, N times (3); medians are printed
  --seconds N         of each measurement (8)
  --connections N     of the load (4)
  --peer COMMAND      measures another agent too, started by this shell command; {config}
                      stands for a file with the Collector's YAML: 'otelcol --config {config}'
`

const { values: options } = parseArgs({
  options: {
    variant: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '8' },
    connections: { type: 'string', default: '4' },
    peer: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

function positive(name: 'rounds' | 'seconds' | 'connections'): number {
  const value = Number(options[name])
  if (value > 0) return value
  throw new Error(`--${name}: expected a number above 0, got "${options[name]}"`)
}

const rounds = positive('rounds')
const timing: Timing = {
  connections: positive('connections'),
  warmUpMs: 3000,
  runMs: positive('seconds') * 1000,
}

const agents: Readonly<Record<string, string>> = {
  weir: WEIR,
  ...(options.peer && { peer: options.peer }),
}

const thousands = (value: number) => `${Math.round(value / 1000)}k`
const cell = (text: string | number) => String(text).padStart(10)

function row(agent: string, variant: Variant, samples: readonly Sample[]): string {
  const of = (pick: (one: Sample) => number) => median(samples.map(pick))
  return [
    variant.name.padEnd(12),
    agent.padEnd(6),
    cell(thousands(of((one) => one.spansPerCore))),
    cell(thousands(of((one) => one.spansPerSecond))),
    cell(of((one) => one.rssMiB).toFixed(0)),
    cell(of((one) => one.peakMiB).toFixed(0)),
    cell(samples.reduce((sum, one) => sum + one.refused, 0)),
    ...(agent === 'weir' ? [cell(`${variant.must}k`), cell(`${variant.aim}k`)] : []),
  ].join('')
}

async function playVariant(variant: Variant): Promise<void> {
  const samples = new Map<string, Sample[]>(Object.keys(agents).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of Object.entries(agents)) {
      samples.get(name)?.push(await playRound(command, variant, timing))
    }
  }
  for (const [name, mine] of samples) console.log(row(name, variant, mine))
}

/** Nothing is sent: what an agent takes that only waits. */
async function measureIdle(): Promise<void> {
  for (const [name, command] of Object.entries(agents)) {
    const port = await freePort()
    const agent = new Agent(command, idleConfig(port))
    try {
      await agent.listening(port)
      await sleep(IDLE_MS)
      console.log(`idle        ${name.padEnd(6)} RSS ${memoryOf(agent.pid).rssMiB.toFixed(1)} MiB`)
    } finally {
      await agent.stop()
    }
  }
}

async function main(): Promise<void> {
  const wanted = options.variant ?? [...NAMES, 'idle']
  const unknown = wanted.find((name) => name !== 'idle' && !NAMES.includes(name))
  if (unknown !== undefined) {
    throw new Error(`--variant: expected ${NAMES.join(', ')} or idle, got "${unknown}"`)
  }
  const heads = ['spans/s/core', 'spans/s', 'RSS MiB', 'peak MiB', 'refused', 'must', 'aim']
  console.log(`variant     agent ${heads.map((head) => head.padStart(10)).join('')}`)
  for (const variant of VARIANTS) {
    if (wanted.includes(variant.name)) await playVariant(variant)
  }
  if (wanted.includes('idle')) await measureIdle()
}

if (options.help) process.stdout.write(HELP)
else await main()
