/**
 * Runs where the load is: in the guest, or on the host with `--host`. Prints one JSON line.
 *
 *   nginx_rounds.js --folder DIR [--rounds N] [--seconds N] [--icount] [--only LOAD,LOAD] [--peer COMMAND] [--peer-root DIR]
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { accountOf, peer, type RunningAgent, type Variant, weir } from './agents.ts'
import {
  bpfPrograms,
  cpuUs,
  type HeldLoad,
  holdWrk,
  type Load,
  memoryOf,
  type ProgramStats,
  threadsCpuUs,
} from './measure.ts'
import {
  HTTP_PORT,
  HTTPS_PORT,
  NGINX,
  type Nginx,
  servedSoFar,
  startNginx,
} from './nginx_server.ts'
import { ROUNDS_OPTIONS } from './options.ts'
import { type Sink, startSink } from './sink.ts'
import type { Measured } from './table.ts'

export interface Sample extends Measured {
  /** Runs and nanoseconds of each BPF program, per request. */
  readonly programs: Readonly<Record<string, { readonly runs: number; readonly ns: number }>>
}

/** What a machine of one CPU and a billion instructions a second does, with the agent at work. */
export interface Whole {
  readonly variant: string
  readonly load: string
  readonly requestsPerSecond: number
  /** CPU time of the agent, per request. */
  readonly agentUs: number
}

export interface Rounds {
  readonly samples: readonly Sample[]
  /** With `--icount` alone. */
  readonly whole: readonly Whole[]
  /** The agent's last lines of each run: what it saw, exported, lost. */
  readonly accounts: readonly string[]
}

const { values: options } = parseArgs({
  options: {
    ...ROUNDS_OPTIONS,
    icount: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})

/**
 * An emulated machine compiles 25 times slower: after 6 s of load most of an agent's time still went into that, after 40 s a tenth.
 * How soon depends on how fast it is, so a saturated agent is warm after so many requests; one at 400 a second after a minute.
 */
const WARM_UP_REQUESTS = 100_000
const WARM_UP_ROUND_SECONDS = 10
const WARM_UP_ROUNDS = 12
const PACED_WARM_UP_ROUNDS = 6
const STATS_SECONDS = 1
/** By then every agent has decided whether it watches wrk. */
const JUDGED_WITHIN_MS = 500
/** The same beside a load, on one processor that never idles. */
const JUDGED_UNDER_LOAD_MS = 2000
/** A load that is measured while the agent is frozen begins before and ends behind that. */
const FROZEN_SPARE_SECONDS = 4
const SATURATED_CONNECTIONS = 16
/** With more, what a request takes moves by thousands of instructions, by how many requests nginx finds ready at once. */
const COUNTED_CONNECTIONS = 1
const WHOLE_WARM_UP_SECONDS = 12
const WHOLE_SECONDS = 4
const PACED_CONNECTIONS = 8 // each waits 20 ms between requests: 400 requests/s
const PACED_SCRIPT = 'function delay() return 20 end\n'

interface LoadKind {
  readonly name: string
  readonly url: string
  readonly connections: number
  readonly script?: string
}

function loads(folder: string): readonly LoadKind[] {
  const http = `http://127.0.0.1:${HTTP_PORT}/`
  const https = `https://127.0.0.1:${HTTPS_PORT}/`
  const connections = options.icount ? COUNTED_CONNECTIONS : SATURATED_CONNECTIONS
  const saturated = [
    { name: 'HTTP', url: http, connections },
    { name: 'HTTPS', url: https, connections },
    { name: 'HTTP file', url: `${http}file`, connections },
  ]
  if (options.icount) return saturated
  const script = join(folder, 'paced.lua')
  writeFileSync(script, PACED_SCRIPT)
  return [
    ...saturated,
    { name: 'HTTP 400/s', url: http, connections: PACED_CONNECTIONS, script },
    { name: 'HTTPS 400/s', url: https, connections: PACED_CONNECTIONS, script },
  ]
}

function perRequest(
  before: ReadonlyMap<string, ProgramStats>,
  after: ReadonlyMap<string, ProgramStats>,
  requests: number,
): Sample['programs'] {
  const used = [...after].flatMap(([name, { runs, ns }]) => {
    const earlier = before.get(name) ?? { runs: 0, ns: 0 }
    if (runs === earlier.runs) return []
    return [
      [name, { runs: (runs - earlier.runs) / requests, ns: (ns - earlier.ns) / requests }] as const,
    ]
  })
  return Object.fromEntries(used)
}

/** CPU time so far, microseconds. */
const cpuOf = (nginx: Nginx, agent: RunningAgent | undefined) => ({
  app: nginx.workers.reduce((sum, pid) => sum + cpuUs(pid), 0),
  agent: agent ? cpuUs(agent.pid) : 0,
})

/** One load under a fresh agent, then a short one with the kernel's statistics on, which cost time themselves. */
async function measure(
  kind: LoadKind,
  variant: Variant | undefined,
  nginx: Nginx,
  sink: Sink,
): Promise<{ readonly sample: Sample; readonly account: string }> {
  const agent = await variant?.start(sink.endpoint)
  const hold = (seconds: number) => holdWrk(kind.url, kind.connections, seconds, kind.script)
  if (agent && !options.icount)
    await warmUp(hold, kind.script ? PACED_WARM_UP_ROUNDS : WARM_UP_ROUNDS)
  const load = hold(Number(options.seconds) + (options.icount ? FROZEN_SPARE_SECONDS : 0))
  const counted = hold(STATS_SECONDS)
  await setTimeout(JUDGED_WITHIN_MS)
  const before = cpuOf(nginx, agent)
  const { requests, seconds, p99Ms } = await (options.icount
    ? playFrozen(load, nginx, agent)
    : load.go())
  const after = cpuOf(nginx, agent)
  const memory = agent ? memoryOf(agent.pid) : { rssMiB: 0, peakMiB: 0 }
  const programs = agent ? await countPrograms(counted) : {}
  if (!agent) await counted.go()
  await agent?.stop()
  const account = agent ? accountOf(agent.log) : ''
  const sample = {
    variant: variant?.name ?? 'none',
    load: kind.name,
    requestsPerSecond: requests / seconds,
    p99Ms,
    appUs: (after.app - before.app) / requests,
    agentUs: (after.agent - before.agent) / requests,
    ...memory,
    programs,
  }
  return { sample, account: account && `${kind.name}: ${account}` }
}

/** Until the agent has seen enough for its code to be compiled. */
async function warmUp(hold: (seconds: number) => HeldLoad, rounds: number): Promise<void> {
  let requests = 0
  for (let i = 0; i < rounds && requests < WARM_UP_REQUESTS; i++) {
    requests += (await hold(WARM_UP_ROUND_SECONDS).go()).requests
  }
}

/**
 * What nginx answers in some seconds while the agent stands still, by the CPU time of nginx and wrk: an agent judges a program anew
 * when that is executed, so it is not stopped at once.
 */
async function playFrozen(
  load: HeldLoad,
  nginx: Nginx,
  agent: RunningAgent | undefined,
): Promise<Load> {
  const both = [...nginx.workers, load.pid]
  const cpuSeconds = () => both.reduce((sum, pid) => sum + threadsCpuUs(pid), 0) / 1e6
  const ended = load.go()
  await setTimeout(JUDGED_UNDER_LOAD_MS)
  const thaw = agent ? freeze(agent.pid) : undefined
  await servedSoFar() // the first time compiles what it takes
  const served = await servedSoFar()
  const began = cpuSeconds()
  await setTimeout(Number(options.seconds) * 1000)
  const requests = (await servedSoFar()) - served
  const seconds = cpuSeconds() - began
  thaw?.()
  const { p99Ms } = await ended
  return { requests, seconds, p99Ms }
}

async function measureWhole(
  { name, url }: LoadKind,
  variant: Variant | undefined,
  sink: Sink,
): Promise<Whole> {
  const agent = await variant?.start(sink.endpoint)
  const hold = (seconds: number) => holdWrk(url, SATURATED_CONNECTIONS, seconds)
  if (agent) await hold(WHOLE_WARM_UP_SECONDS).go()
  const load = hold(WHOLE_SECONDS)
  await setTimeout(JUDGED_WITHIN_MS)
  const spent = () => (agent ? threadsCpuUs(agent.pid) : 0)
  const before = spent()
  const { requests, seconds } = await load.go()
  const agentUs = (spent() - before) / requests
  await agent?.stop()
  const requestsPerSecond = requests / seconds
  return { variant: variant?.name ?? 'none', load: name, requestsPerSecond, agentUs }
}

async function countPrograms(load: HeldLoad): Promise<Sample['programs']> {
  execFileSync('sysctl', ['-qw', 'kernel.bpf_stats_enabled=1'])
  const before = bpfPrograms()
  const { requests } = await load.go()
  const programs = perRequest(before, bpfPrograms(), Math.max(1, requests))
  execFileSync('sysctl', ['-qw', 'kernel.bpf_stats_enabled=0'])
  return programs
}

/** Stops a process without ending it: its own work then costs the guest no instruction. */
function freeze(pid: number): () => void {
  const group = '/sys/fs/cgroup/weir-bench'
  mkdirSync(group, { recursive: true })
  writeFileSync(join(group, 'cgroup.procs'), String(pid))
  writeFileSync(join(group, 'cgroup.freeze'), '1')
  return () => writeFileSync(join(group, 'cgroup.freeze'), '0')
}

async function run(): Promise<Rounds> {
  const { folder } = options
  mkdirSync(folder, { recursive: true })
  const nginx = await startNginx(folder)
  const sink = await startSink(folder)
  const variants = [undefined, weir(options.icount ? '256MiB' : '8MiB', NGINX)]
  if (options.peer) variants.push(peer(options.peer, options['peer-root'], NGINX))
  const samples: Sample[] = []
  const whole: Whole[] = []
  const accounts: string[] = []
  const wanted = options.only?.split(',')
  const kinds = loads(folder).filter(({ name }) => wanted?.includes(name) ?? true)
  if (kinds.length === 0 && !options.icount) throw new Error(`no such load: ${options.only}`)
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const kind of kinds) {
      for (const variant of variants) {
        const { sample, account } = await measure(kind, variant, nginx, sink)
        samples.push(sample)
        console.error(
          `${sample.load}, ${sample.variant}: ${sample.requestsPerSecond.toFixed(0)} requests/s`,
        )
        if (account) accounts.push(account)
        if (options.icount) whole.push(await measureWhole(kind, variant, sink))
      }
    }
  }
  await sink.close()
  await nginx.stop()
  return { samples, whole, accounts }
}

process.stdout.write(`${JSON.stringify(await run())}\n`)
