import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const READY = 'Everything is ready. Begin running and processing data.'

export type Hooks = 'auto' | 'fentry' | 'tracepoint' | 'kprobe'
export type Pairing = 'auto' | 'user'

export interface AgentOptions {
  readonly endpoint: string
  readonly hooks?: Hooks
  readonly pairing?: Pairing
  /** Listening ports and processes to watch; every process when left out. */
  readonly instrument?: readonly Readonly<Record<string, string | readonly number[]>>[]
  readonly capture?: Readonly<Record<string, string>>
  readonly rings?: Readonly<Record<string, string>>
  readonly probes?: Readonly<Record<string, number>>
  /** A command that runs the rest of its arguments: what weir is started by. */
  readonly launcher?: readonly string[]
}

export interface Agent {
  readonly process: ChildProcess
  readonly log: readonly string[]
  /** Another configuration by SIGHUP; resolves once it is at work, rejects if it is not taken. */
  reload(options: AgentOptions): Promise<void>
  /** SIGTERM; resolves with the exit code once it has ended. */
  stop(): Promise<number | null>
}

/** The ways into the kernel that a running agent took, and those that the kernel refused before. */
export function hooksOf(agent: Agent): { readonly family: string; readonly refused: string[] } {
  const line = agent.log.find((text) => text.includes('TCP hooks: ')) ?? ''
  const { refused = [] } = JSON.parse(/\{.*$/.exec(line)?.[0] ?? '{}') as { refused?: string[] }
  return { family: /TCP hooks: (\w+)/.exec(line)?.[1] ?? '', refused }
}

/** Of an export: a program that gets no CPU for 30 s, which is the default, sends its spans twice, and rightly so. */
const timeout = '5m'

/** The YAML that sends what `ebpf` sees to `endpoint` as OTLP JSON, unbatched. */
export function agentConfig(options: AgentOptions): string {
  const { endpoint, hooks = 'auto', pairing = 'auto', instrument, capture, rings, probes } = options
  return JSON.stringify({
    receivers: {
      ebpf: {
        hooks,
        pairing,
        // What is learned depends on the order of requests, and two runs are compared span for span.
        routes: { unmatched: 'heuristic' },
        ...(instrument ? { discovery: { instrument } } : {}),
        ...(capture ? { capture } : {}),
        ...(rings ? { rings } : {}),
        ...(probes ? { probes } : {}),
      },
    },
    exporters: { otlp_http: { endpoint, encoding: 'json', compression: 'none', timeout } },
    service: {
      pipelines: { traces: { receivers: ['ebpf'], exporters: ['otlp_http'] } },
      telemetry: { metrics: { level: 'none' } }, // several run at the same time
    },
  })
}

export const startAgent = (options: AgentOptions): Promise<Agent> =>
  startWeir(agentConfig(options), options.launcher)

/** Starts weir and resolves when it has said that it is ready; rejects with its log when it ends before. */
export async function startWeir(yaml: string, launcher: readonly string[] = []): Promise<Agent> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-truth-'))
  const config = join(folder, 'agent.yaml')
  await writeFile(config, yaml)
  const command = [...launcher, join(ROOT, 'bin/weir'), 'run', '--config', config]
  const child = spawn(command[0] ?? '', command.slice(1), { stdio: ['ignore', 'ignore', 'pipe'] })
  const log: string[] = []
  let onReload: (line: string) => void = () => undefined
  const ended = once(child, 'exit').then(() => rm(folder, { recursive: true }))
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line)
      onReload(line)
      if (line.includes(READY)) resolve()
    })
    child.once('error', reject)
    child.once('exit', (code) =>
      reject(new Error(`weir ended with ${code} before it was ready:\n${log.join('\n')}`)),
    )
  })
  return {
    process: child,
    log,
    reload: async (other) => {
      await writeFile(config, agentConfig(other))
      const told = new Promise<void>((resolve, reject) => {
        onReload = (line) => {
          if (line.includes('The new configuration is at work.')) resolve()
          if (line.includes('the old one runs on.')) reject(new Error(line))
        }
      })
      child.kill('SIGHUP')
      await told
    },
    stop: async () => {
      child.kill('SIGTERM')
      await ended
      return child.exitCode
    },
  }
}
