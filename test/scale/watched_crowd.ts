import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Explanation } from '../../receivers/ebpf/explain/report.ts'
import { scrape } from '../queue/weir.ts'
import { freePort } from '../support/ports.ts'
import { type Agent, agentConfig, startWeir } from '../truth/agent.ts'

const WEIR = fileURLToPath(new URL('../../../bin/weir', import.meta.url))
const run = promisify(execFile)

/** An agent that watches the programs of one folder, and what it says of itself. */
export interface Watcher {
  readonly agent: Agent
  readonly pid: number
  /** The sum of one of its own metrics. */
  metric(name: string): Promise<number>
  explain(word: string): Promise<Explanation>
}

export async function watchFolder(folder: string, endpoint: string): Promise<Watcher> {
  const port = await freePort()
  const socket = join(folder, 'weir.sock')
  const config = JSON.parse(agentConfig({ endpoint, instrument: [{ exe_path: `${folder}/*` }] }))
  config.receivers.ebpf.socket = { path: socket }
  const prometheus = { host: '127.0.0.1', port }
  config.service.telemetry.metrics = { readers: [{ pull: { exporter: { prometheus } } }] }
  const agent = await startWeir(JSON.stringify(config))
  return {
    agent,
    pid: agent.process.pid ?? 0,
    metric: (name) => scrape(port, name),
    explain: async (word) => {
      const { stdout } = await run(WEIR, ['explain', '--json', '--socket', socket, word], {
        maxBuffer: 256 << 20,
      })
      return JSON.parse(stdout) as Explanation
    },
  }
}
