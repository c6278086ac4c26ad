import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { askAgent, bodyOf } from '../../cli/status_client.ts'
import type { Explanation, ProcessReport } from '../../receivers/ebpf/explain/report.ts'
import { slowness } from '../size.ts'
import { descendants } from '../support/descendants.ts'

const PATIENCE_MS = 30_000 * slowness

/** Nothing of what is no more. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

async function explained(socket: string, pid: string): Promise<readonly ProcessReport[]> {
  const response = await askAgent(socket, `/v1/explain?word=${pid}`)
  return (JSON.parse(response ? await bodyOf(response) : '{}') as Explanation).processes
}

/** Waits until weir says something of a process, whose id is in a file, or of those that it started. `socket`: where it answers. */
export async function told(
  socket: string,
  pidFile: string,
  satisfies: (report: ProcessReport) => boolean,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  let last: readonly ProcessReport[] = []
  while (performance.now() < deadline) {
    const pid = read(pidFile).trim()
    if (pid !== '') {
      last = (
        await Promise.all([pid, ...descendants(pid)].map((one) => explained(socket, one)))
      ).flat()
    }
    if (last.some(satisfies)) return
    await setTimeout(50)
  }
  throw new Error(`weir says of it no more than ${JSON.stringify(last)}`)
}

/** Its TLS is read: of a program that weir has never seen, a moment after its start. */
export const isRead = ({ tls }: ProcessReport): boolean => tls.some(({ read }) => read === true)

/** A connection of it was seen that cannot be read, from its beginning. */
export const hasHandshake = ({ traffic }: ProcessReport): boolean =>
  traffic?.connections.some(({ handshake }) => handshake !== '') === true
