import { testRows } from './check_rows.ts'
import { ROWS } from './rows.ts'

testRows(ROWS, { hooks: 'auto', pairing: 'auto', timed: true })
testRows(
  ROWS.filter(({ connections }) => connections > 1),
  { hooks: 'auto', pairing: 'user', timed: true },
)
