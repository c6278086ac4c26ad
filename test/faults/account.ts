import type { Agent } from '../truth/agent.ts'

export interface AccountLine {
  readonly seen: number
  readonly exported: number
  readonly lost: number
  readonly skipped: number
  /** Of those seen. */
  readonly pairedInKernel: number
  readonly text: string
}

/** The agent's last words on what it saw. Throws when it has not said any. */
export function lastAccount(agent: Agent): AccountLine {
  const text = agent.log.findLast((line) => /seen \d+ \/ exported/.test(line))
  if (text === undefined) throw new Error(`no account in the log:\n${agent.log.join('\n')}`)
  const number = (name: string) => Number(text.match(new RegExp(`${name} (\\d+)`))?.[1] ?? 0)
  return {
    seen: number('seen'),
    exported: number('exported'),
    lost: number('lost'),
    skipped: number('skipped'),
    pairedInKernel: Number(text.match(/"paired_in_kernel":(\d+)/)?.[1] ?? 0),
    text,
  }
}
