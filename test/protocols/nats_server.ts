import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../support/ports.ts'
import { natsProgram, start } from './started.ts'

export interface NatsServer {
  readonly port: string
  /** Messages that it has taken from clients, and handed over, since it began. */
  counters(): Promise<{ readonly taken: number; readonly given: number }>
  stop(): Promise<void>
}

/** Starts nats-server with JetStream, and a port where it tells what it has counted. */
export async function startNats(): Promise<NatsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-nats-'))
  const [port, monitor] = [String(await freePort()), String(await freePort())]
  const options = ['-a', '127.0.0.1', '-p', port, '-m', monitor, '-js', '-sd', folder]
  const server = await start(await natsProgram(), ['server', ...options], 'ready\n')
  return {
    port,
    counters: async () => {
      const answer = await fetch(`http://127.0.0.1:${monitor}/varz`)
      const told = (await answer.json()) as { in_msgs: number; out_msgs: number }
      return { taken: told.in_msgs, given: told.out_msgs }
    },
    stop: async () => {
      await server.stop()
      rmSync(folder, { recursive: true })
    },
  }
}
