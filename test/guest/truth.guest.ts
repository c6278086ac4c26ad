import type { Hooks } from '../truth/agent.ts'
import { testRows } from '../truth/check_rows.ts'
import { GUEST_ROWS } from '../truth/rows.ts'

const FAMILIES: readonly Hooks[] = ['fentry', 'tracepoint', 'kprobe']

for (const hooks of FAMILIES) testRows(GUEST_ROWS, { hooks, pairing: 'auto', timed: false })
