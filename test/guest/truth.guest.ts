import { guestRequests } from '../size.ts'
import type { Hooks } from '../truth/agent.ts'
import { testRows } from '../truth/check_rows.ts'
import { GUEST_ROWS } from '../truth/rows.ts'

/** Kretprobes have 10 places on two CPUs, and a blocked read of any thread holds one: see docs/kernel-support.md. */
const KPROBE_CONNECTIONS = 4

const hooks = process.env['WEIR_HOOKS'] as Hooks
const rows = GUEST_ROWS.filter(
  ({ connections }) => hooks !== 'kprobe' || connections <= KPROBE_CONNECTIONS,
)

testRows(rows, { hooks, requests: guestRequests, timed: false })
