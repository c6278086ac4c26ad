import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { freePort } from '../support/ports.ts'
import type { Counted } from './messages_truth.ts'
import { start } from './started.ts'

export interface Mosquitto {
  readonly port: string
  /** What its log has told of since it began, once that is `wanted`, or nothing more comes of it. */
  counted(wanted: Counted): Promise<Counted>
  stop(): Promise<void>
}

/** Starts mosquitto, which writes a line for each packet. */
export async function startMosquitto(): Promise<Mosquitto> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-mqtt-'))
  const port = String(await freePort())
  const config = join(folder, 'mosquitto.conf')
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'user root',
    'sys_interval 0',
    'log_dest stderr',
    'log_type all',
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  const broker = await start('/usr/sbin/mosquitto', ['-c', config], ' running')
  let log = ''
  broker.process.stderr?.on('data', (data: Buffer) => {
    log += data.toString()
  })
  const count = (what: string) => log.split(what).length - 1
  const counters = () => ({
    taken: count('Received PUBLISH from'),
    given: count('Sending PUBLISH to'),
  })
  return {
    port,
    counted: async ({ taken, given }) => {
      // Its lines come through a pipe, later than its packets.
      for (let i = 0; i < 300 && (counters().taken < taken || counters().given < given); i++)
        await setTimeout(100)
      return counters()
    },
    stop: async () => {
      await broker.stop()
      rmSync(folder, { recursive: true })
    },
  }
}
