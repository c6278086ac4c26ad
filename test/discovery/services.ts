import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Agent, startWeir } from '../truth/agent.ts'

/** Programs that tests start, which are not compiled. */
export const PROGRAMS = fileURLToPath(new URL('../../../test/discovery/programs/', import.meta.url))

/** A program that serves HTTP on the port that it prints first. */
export interface Service {
  readonly pid: number
  readonly port: number
  get(path: string): Promise<void>
  /** Safe twice. */
  stop(): Promise<void>
}

export async function startService(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Service> {
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const port = Number(line)
  return {
    pid: child.pid ?? 0,
    port,
    get: async (path) => {
      // Each on a connection of its own.
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        headers: { connection: 'close' },
      })
      await response.arrayBuffer()
    },
    stop: async () => {
      if (child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

const WEIR = fileURLToPath(new URL('../../../bin/weir', import.meta.url))
const READY = 'Everything is ready.'

/** `weir run` with its shipped configuration and these variables; resolves when it is ready. */
export async function runWeir(env: Readonly<Record<string, string>>) {
  const args = ['run', '--set=service.telemetry.metrics.level=none'] // several run at the same time
  const child = spawn(WEIR, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  })
  const log: string[] = []
  const ended = once(child, 'exit')
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line)
      if (line.includes(READY)) resolve()
    })
    child.once('exit', (code) => reject(new Error(`weir ended with ${code}:\n${log.join('\n')}`)))
  })
  return {
    log,
    stop: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** An agent that watches one process, as the service of this name, and answers on this socket. Its spans go nowhere. */
export const watchOnly = (
  pid: number,
  name: string,
  socket: string,
  metrics?: object,
): Promise<Agent> => watch({ target_pids: [pid], name }, socket, {}, metrics)

/** Several agents run at the same time, and their metrics have one port. */
const NO_METRICS = { level: 'none' }

/** The same of what an entry of `instrument` selects; `more` are options of the receiver. */
export const watch = (
  entry: object,
  socket: string,
  more: object = {},
  metrics: object = NO_METRICS,
): Promise<Agent> =>
  startWeir(
    JSON.stringify({
      receivers: {
        ebpf: {
          ...more,
          socket: { path: socket },
          discovery: { instrument: [entry] },
        },
      },
      exporters: { nop: null },
      service: {
        pipelines: { traces: { receivers: ['ebpf'], exporters: ['nop'] } },
        telemetry: { metrics },
      },
    }),
  )
