import { full, guestRequests } from '../size.ts'
import type { Hooks } from '../truth/agent.ts'
import { testRows } from '../truth/check_rows.ts'
import { askedFor, GUEST_ROWS } from '../truth/rows.ts'

/** One or several. */
const families = (process.env['WEIR_HOOKS'] ?? 'auto').split(' ') as Hooks[]

/** Emulated, a Node or Python server takes as long as all that nginx serves. */
const rows = askedFor(full ? GUEST_ROWS : GUEST_ROWS.filter(({ server }) => server === 'nginx'))

for (const hooks of families) {
  testRows(rows, {
    hooks,
    requests: guestRequests,
    timed: false,
    pairings: full ? ['auto', 'user'] : ['auto'],
  })
}
