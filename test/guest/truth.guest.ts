import { release } from 'node:os'
import { full } from '../size.ts'
import type { Hooks } from '../truth/agent.ts'
import { testRows } from '../truth/check_rows.ts'
import { GUEST_ROWS } from '../truth/rows.ts'

/** Kprobes are the last resort. On 5.10 rows with them fail, and 6.12 has not been seen to pass: docs/kernel-support.md. */
const WITH_KPROBES = full || release().startsWith('6.1.')
const FAMILIES: readonly Hooks[] = [
  'fentry',
  'tracepoint',
  ...(WITH_KPROBES ? (['kprobe'] as const) : []),
]

/** Kretprobes have 10 places on two CPUs, and a blocked read of any thread holds one: see docs/kernel-support.md. */
const KPROBE_CONNECTIONS = 4

for (const hooks of FAMILIES) {
  const rows = GUEST_ROWS.filter(
    ({ connections }) => hooks !== 'kprobe' || connections <= KPROBE_CONNECTIONS,
  )
  testRows(rows, { hooks, pairing: 'auto', timed: false })
}
