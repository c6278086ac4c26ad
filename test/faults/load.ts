import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Server } from '../truth/programs.ts'
import { servers } from '../truth/servers.ts'

/** An nginx of the test's own, in a folder that goes with it. */
export async function withNginx(use: (server: Server) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-fault-'))
  const server = await servers.nginx(folder)
  try {
    await use(server)
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

export interface LoadReport {
  readonly requests: number
  /** What wrk itself calls an error: sockets, timeouts, answers other than 2xx and 3xx. */
  readonly errors: readonly string[]
}

export interface RunningLoad {
  readonly process: ChildProcess
  readonly report: Promise<LoadReport>
}

/** wrk against `url` for so long, on 4 connections. */
export function startLoad(url: string, seconds: number): RunningLoad {
  const child = spawn('wrk', ['-t1', '-c4', `-d${seconds}s`, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const report = once(child, 'close').then(() => {
    const text = Buffer.concat(chunks).toString()
    return {
      requests: Number(text.match(/(\d+) requests in/)?.[1] ?? 0),
      errors: text.split('\n').filter((line) => /Socket errors|Non-2xx/.test(line)),
    }
  })
  return { process: child, report }
}
