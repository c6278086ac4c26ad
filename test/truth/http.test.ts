import { full, requests } from '../size.ts'
import { testRows } from './check_rows.ts'
import { FULL_ROWS, nameOf, SMALL_ROWS } from './rows.ts'

/** One row by its name: the full form plays each in a process, and under agents, of its own. */
const only = process.env['WEIR_ROW']
const rows = full ? FULL_ROWS : SMALL_ROWS

testRows(
  rows.filter((row) => only === undefined || nameOf(row) === only),
  { hooks: 'auto', requests, timed: true },
)
