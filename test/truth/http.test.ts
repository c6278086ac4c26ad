import { full, requests } from '../size.ts'
import { testRows } from './check_rows.ts'
import { FULL_ROWS, nameOf, type Row, SMALL_ROWS } from './rows.ts'

/** One row by its name: the full form plays each in a process, and under agents, of its own. */
const only = process.env['WEIR_ROW']
const rows = (full ? FULL_ROWS : SMALL_ROWS).filter(
  (row) => only === undefined || nameOf(row) === only,
)
const way = { hooks: 'auto', requests, timed: true } as const

/** Where the small form compares the pairings: many connections at once are what could set them apart. */
const isCompared = (row: Row) => full || (row.connections > 1 && row.adopted !== true)

testRows(rows.filter(isCompared), { ...way, pairings: ['auto', 'user'] })
testRows(
  rows.filter((row) => !isCompared(row)),
  { ...way, pairings: ['auto'] },
)
