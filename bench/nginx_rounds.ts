/**
 * Runs where the load is: in the guest, or on the host with `--host`. Prints one JSON line.
 *
 *   nginx_rounds.js --folder DIR [--rounds N] [--seconds N] [--icount] [--peer COMMAND] [--peer-root DIR]
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { peer, type RunningAgent, startSink, type Variant, weir } from './agents.ts'
import { bpfPrograms, cpuUs, type Load, memoryOf, type ProgramStats, runWrk } from './measure.ts'
import { HTTP_PORT, HTTPS_PORT, type Nginx, startNginx } from './nginx_server.ts'

export interface Sample {
  readonly variant: string
  readonly load: string
  readonly requestsPerSecond: number
  readonly p99Ms: number
  /** CPU of the nginx worker and of the agent, per request. */
  readonly appUs: number
  readonly agentUs: number
  readonly rssMiB: number
  readonly peakMiB: number
  /** Runs and nanoseconds of each BPF program, per request. */
  readonly programs: Readonly<Record<string, { readonly runs: number; readonly ns: number }>>
}

export interface Rounds {
  readonly samples: readonly Sample[]
  /** The agent's last lines of each run: what it saw, exported, lost. */
  readonly accounts: readonly string[]
}

const { values: options } = parseArgs({
  options: {
    folder: { type: 'string', default: '/dev/shm/weir-bench' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '8' },
    icount: { type: 'boolean', default: false },
    peer: { type: 'string' },
    'peer-root': { type: 'string' },
  },
})

const SATURATED_CONNECTIONS = 16
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
  const saturated = [
    { name: 'HTTP', url: http, connections: SATURATED_CONNECTIONS },
    { name: 'HTTPS', url: https, connections: SATURATED_CONNECTIONS },
    { name: 'HTTP file', url: `${http}file`, connections: SATURATED_CONNECTIONS },
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

function measure(
  kind: LoadKind,
  variant: string,
  nginx: Nginx,
  agent: RunningAgent | undefined,
): Sample {
  const appCpu = () => nginx.workers.reduce((sum, pid) => sum + cpuUs(pid), 0)
  const agentCpu = () => (agent ? cpuUs(agent.pid) : 0)
  const before = { app: appCpu(), agent: agentCpu(), programs: bpfPrograms() }
  const load: Load = runWrk(kind.url, kind.connections, Number(options.seconds), kind.script)
  const memory = agent ? memoryOf(agent.pid) : { rssMiB: 0, peakMiB: 0 }
  return {
    variant,
    load: kind.name,
    requestsPerSecond: load.requests / load.seconds,
    p99Ms: load.p99Ms,
    appUs: (appCpu() - before.app) / load.requests,
    agentUs: (agentCpu() - before.agent) / load.requests,
    ...memory,
    programs: perRequest(before.programs, bpfPrograms(), load.requests),
  }
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
  const sink = await startSink()
  const variants: (Variant | undefined)[] = [
    undefined,
    weir(folder, options.icount ? '256MiB' : '8MiB'),
  ]
  if (options.peer) variants.push(peer(options.peer, options['peer-root']))
  const samples: Sample[] = []
  const accounts: string[] = []
  execFileSync('sysctl', ['-qw', 'kernel.bpf_stats_enabled=1'])
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const variant of variants) {
      const agent = await variant?.start(sink.endpoint)
      const thaw = agent && options.icount ? freeze(agent.pid) : undefined
      for (const kind of loads(folder))
        samples.push(measure(kind, variant?.name ?? 'none', nginx, agent))
      thaw?.()
      await agent?.stop()
      if (agent) accounts.push(...agent.log.filter((line) => line.includes('seen')).slice(-1))
    }
  }
  execFileSync('sysctl', ['-qw', 'kernel.bpf_stats_enabled=0'])
  sink.close()
  await nginx.stop()
  return { samples, accounts }
}

process.stdout.write(`${JSON.stringify(await run())}\n`)
