import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../test/support/ports.ts'
import { cpuUs, memoryOf } from './measure.ts'
import type { LoadOrder, LoadReport } from './pipeline_load.ts'
import { SPANS } from './pipeline_payload.ts'
import type { SinkPorts } from './pipeline_sink.ts'
import type { Variant } from './pipeline_variants.ts'

export interface Sample {
  readonly spansPerCore: number
  readonly spansPerSecond: number
  readonly rssMiB: number
  readonly peakMiB: number
  readonly refused: number
}

export interface Timing {
  readonly connections: number
  readonly warmUpMs: number
  readonly runMs: number
}

const START_TIMEOUT_MS = 20_000
const PROVING_REQUESTS = 40
const DRAIN_MS = 10_000

const script = (name: string) => fileURLToPath(new URL(`./${name}.js`, import.meta.url))

async function ask<T>(child: ChildProcess, order: LoadOrder | 'count'): Promise<T> {
  child.send(order)
  const [answer] = (await once(child, 'message')) as [T]
  return answer
}

/** An agent that was started by a shell command, `{config}` in it being the name of its file. */
export class Agent {
  readonly #child: ChildProcess
  readonly #folder: string
  #log = ''

  constructor(command: string, config: unknown) {
    this.#folder = mkdtempSync(join(tmpdir(), 'weir-bench-'))
    const file = join(this.#folder, 'agent.yaml')
    writeFileSync(file, JSON.stringify(config))
    this.#child = spawn('sh', ['-c', `exec ${command.replaceAll('{config}', file)}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const keep = (chunk: Buffer) => {
      this.#log += chunk.toString()
    }
    this.#child.stdout?.on('data', keep)
    this.#child.stderr?.on('data', keep)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Resolves when it takes connections on `port`. */
  async listening(port: number): Promise<void> {
    const end = performance.now() + START_TIMEOUT_MS
    while (!(await accepts(port))) {
      if (this.#child.exitCode !== null || performance.now() > end) {
        throw new Error(`the agent does not listen on port ${port}:\n${this.#log}`)
      }
      await sleep(50)
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      const exited = once(this.#child, 'exit')
      this.#child.kill('SIGTERM')
      await exited
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => resolve(true))
    socket.on('close', () => resolve(false))
    socket.on('error', () => undefined)
    socket.on('connect', () => socket.destroy())
  })
}

/** One agent, from its start to its end, under one load. */
export async function playRound(
  command: string,
  variant: Variant,
  timing: Timing,
): Promise<Sample> {
  const sink = fork(script('pipeline_sink'))
  const [ports] = (await once(sink, 'message')) as [SinkPorts]
  const port = await freePort()
  const agent = new Agent(command, variant.config(port, ports))
  try {
    await agent.listening(port)
    const load = fork(script('pipeline_load'), [
      variant.protocol,
      `${port}`,
      `${timing.connections}`,
    ])
    try {
      await once(load, 'message')
      await prove(load, sink)
      sink.send('discard')
      await ask(load, { milliseconds: timing.warmUpMs })
      return await measure(agent, load, timing.runMs)
    } finally {
      load.disconnect()
    }
  } finally {
    await agent.stop()
    sink.disconnect()
  }
}

/** Sends a few requests and waits until the sink has all of their spans, and not one more. */
async function prove(load: ChildProcess, sink: ChildProcess): Promise<void> {
  const { spans, refused } = await ask<LoadReport>(load, { requests: PROVING_REQUESTS })
  const sent = PROVING_REQUESTS * SPANS
  const end = performance.now() + DRAIN_MS
  for (;;) {
    const arrived = await ask<number>(sink, 'count')
    if (arrived === sent && spans === sent) return
    if (arrived > sent || performance.now() > end) {
      throw new Error(`${sent} spans were sent, ${refused} requests refused, ${arrived} arrived`)
    }
    await sleep(100)
  }
}

async function measure(agent: Agent, load: ChildProcess, runMs: number): Promise<Sample> {
  const before = { cpu: cpuUs(agent.pid), at: performance.now() }
  const { spans, refused } = await ask<LoadReport>(load, { milliseconds: runMs })
  const seconds = (performance.now() - before.at) / 1000
  const cpuSeconds = (cpuUs(agent.pid) - before.cpu) / 1e6
  const { rssMiB, peakMiB } = memoryOf(agent.pid)
  return {
    spansPerCore: spans / cpuSeconds,
    spansPerSecond: spans / seconds,
    rssMiB,
    peakMiB,
    refused,
  }
}
