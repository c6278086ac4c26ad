import { describe } from 'node:test'
import type { Hooks } from '../truth/agent.ts'
import { testRow } from '../truth/check_row.ts'
import { GUEST_ROWS } from '../truth/rows.ts'

const FAMILIES: readonly Hooks[] = ['fentry', 'tracepoint', 'kprobe']

for (const hooks of FAMILIES) {
  describe(`hook family ${hooks}`, () => {
    for (const row of GUEST_ROWS) testRow(row, hooks, 'auto')
  })
}
