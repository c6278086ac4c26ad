import { full, guestRequests } from '../size.ts'
import type { Hooks } from '../truth/agent.ts'
import { testRows } from '../truth/check_rows.ts'
import { GUEST_ROWS } from '../truth/rows.ts'

/** Kprobes are the last resort, and lose requests of blocking threads: docs/kernel-support.md. The full form plays them. */
const FAMILIES: readonly Hooks[] = full
  ? ['fentry', 'tracepoint', 'kprobe']
  : ['fentry', 'tracepoint']

/** Kretprobes have 10 places on two CPUs, and a blocked read of any thread holds one: see docs/kernel-support.md. */
const KPROBE_CONNECTIONS = 4

for (const hooks of FAMILIES) {
  const rows = GUEST_ROWS.filter(
    ({ connections }) => hooks !== 'kprobe' || connections <= KPROBE_CONNECTIONS,
  )
  testRows(rows, { hooks, requests: guestRequests, timed: false })
}
