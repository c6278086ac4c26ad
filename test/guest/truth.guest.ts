import { full, guestRequests } from '../size.ts'
import type { Hooks } from '../truth/agent.ts'
import { testRows } from '../truth/check_rows.ts'
import { GUEST_ROWS } from '../truth/rows.ts'

const hooks = process.env['WEIR_HOOKS'] as Hooks

testRows(GUEST_ROWS, {
  hooks,
  requests: guestRequests,
  timed: false,
  pairings: full ? ['auto', 'user'] : ['auto'],
})
