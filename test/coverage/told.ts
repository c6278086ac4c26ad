import { existsSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { askAgent, bodyOf } from '../../cli/status_client.ts'
import type { Explanation, ProcessReport } from '../../receivers/ebpf/explain/report.ts'

const PATIENCE_MS = 30_000

/** Waits until weir says something of a process, whose id is in a file. `socket`: where it answers. */
export async function told(
  socket: string,
  pidFile: string,
  satisfies: (report: ProcessReport) => boolean,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  let last: ProcessReport | undefined
  while (performance.now() < deadline) {
    if (existsSync(pidFile)) {
      const word = readFileSync(pidFile, 'utf8').trim()
      const response = await askAgent(socket, `/v1/explain?word=${word}`)
      const { processes } = JSON.parse(response ? await bodyOf(response) : '{}') as Explanation
      last = processes[0]
    }
    if (last !== undefined && satisfies(last)) return
    await setTimeout(50)
  }
  throw new Error(`weir says of it no more than ${JSON.stringify(last)}`)
}

/** Its TLS is read: of a program that weir has never seen, a moment after its start. */
export const isRead = ({ tls }: ProcessReport): boolean => tls.some(({ read }) => read === true)

/** A connection of it was seen that cannot be read, from its beginning. */
export const hasHandshake = ({ traffic }: ProcessReport): boolean =>
  traffic?.connections.some(({ handshake }) => handshake !== '') === true
