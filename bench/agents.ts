import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const READY = 'Everything is ready'
const PEER_SETTLE_MS = 8000

/** What is watched. */
export interface Target {
  /** Of its executable, a pattern. */
  readonly exe: string
  /** That it listens on. */
  readonly ports: readonly number[]
}

/** An agent under measurement. */
export interface Variant {
  readonly name: string
  start(endpoint: string): Promise<RunningAgent>
}

export interface RunningAgent {
  readonly pid: number
  /** What it wrote, line by line. */
  readonly log: readonly string[]
  stop(): Promise<void>
}

function keepLog(child: ChildProcess, log: string[]): void {
  const keep = (chunk: Buffer) => log.push(...chunk.toString().split('\n'))
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
}

function running(child: ChildProcess, log: readonly string[]): RunningAgent {
  return {
    pid: child.pid ?? 0,
    log,
    stop: async () => {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** What every agent is told: where to send by OpenTelemetry's variables, what to watch by OBI's. */
const environment = (endpoint: string, { exe }: Target) => ({
  ...process.env,
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  OTEL_EBPF_AUTO_TARGET_EXE: exe,
})

/** weir as shipped. */
export function weir(ringsSize: string, target: Target): Variant {
  const settings = [
    'service::telemetry::metrics::level=none', // the peer's port may be the same
    `receivers::ebpf::rings::size=${ringsSize}`,
  ]
  return {
    name: 'weir',
    start: async (endpoint) => {
      const log: string[] = []
      const args = ['run', ...settings.flatMap((setting) => ['--set', setting])]
      const child = spawn(join(ROOT, 'bin/weir'), args, {
        env: { ...environment(endpoint, target), OTEL_TRACES_EXPORTER: 'otlp' },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      keepLog(child, log)
      while (!log.some((line) => line.includes(READY))) {
        if (child.exitCode !== null)
          throw new Error(`weir ended with ${child.exitCode}:\n${log.join('\n')}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      return running(child, log)
    },
  }
}

/** Any other agent. */
export function peer(command: string, root: string | undefined, target: Target): Variant {
  return {
    name: 'peer',
    start: async (endpoint) => {
      const env = {
        ...environment(endpoint, target),
        OTEL_EBPF_OPEN_PORT: target.ports.join(','),
      }
      const log: string[] = []
      const child = spawn('sh', ['-c', `exec ${command}`], {
        cwd: root,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      keepLog(child, log)
      await new Promise((resolve) => setTimeout(resolve, PEER_SETTLE_MS))
      if (child.exitCode !== null)
        throw new Error(`${command} ended with ${child.exitCode}:\n${log.join('\n')}`)
      return running(child, log)
    },
  }
}

/** What weir says at its end of the exchanges that it saw, and how many records they took. */
export function accountOf(log: readonly string[]): string {
  const line = log.findLast((text) => text.includes('exchanges: ')) ?? ''
  const [, account = '', seen = '1'] = /exchanges: (seen (\d+)[^\t]*)/.exec(line) ?? []
  const [, records = '0'] = /"ring_records":(\d+)/.exec(line) ?? []
  return account && `${account} / ${(Number(records) / Number(seen)).toFixed(3)} ring records each`
}
