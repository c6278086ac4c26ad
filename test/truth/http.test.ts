import { full, requests } from '../size.ts'
import { testRows } from './check_rows.ts'
import { askedFor, FULL_ROWS, type Row, SMALL_ROWS } from './rows.ts'

const rows = askedFor(full ? FULL_ROWS : SMALL_ROWS)
const way = { hooks: 'auto', requests, timed: true } as const

/** Where the small form compares the pairings: many connections at once are what could set them apart. */
const isCompared = (row: Row) => full || (row.connections > 1 && row.adopted !== true)

testRows(rows.filter(isCompared), { ...way, pairings: ['auto', 'user'] })
testRows(
  rows.filter((row) => !isCompared(row)),
  { ...way, pairings: ['auto'] },
)
