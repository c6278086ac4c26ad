import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { interopFile, pythonWithOtlp } from '../support/sdks.ts'

/** What came by one way, by signal: each item with its resource and scope. */
export type Collected = Readonly<Record<string, readonly unknown[]>>

export interface Sink {
  readonly http: number
  readonly grpc: number
  /** What has come since the last time, by the way it came. */
  take(): Promise<Readonly<Record<string, Collected>>>
  stop(): Promise<void>
}

/** sink.py, in which OpenTelemetry's own Python classes read what comes. */
export async function startSink(): Promise<Sink> {
  const { command, env } = await pythonWithOtlp()
  const child = spawn(command, [interopFile('sink.py')], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`sink.py ended with ${code}`))),
  ])) as [string]
  const ports = JSON.parse(line) as { readonly http: number; readonly grpc: number }
  return {
    ...ports,
    take: async () => (await fetch(`http://127.0.0.1:${ports.http}/take`)).json() as never,
    stop: async () => {
      child.stdin.end()
      await once(child, 'exit')
    },
  }
}
