import { describe } from 'node:test'
import { testRow } from './check_row.ts'
import { ROWS } from './rows.ts'

describe('paired in the kernel, every request is exactly one right span', () => {
  for (const row of ROWS) testRow(row, 'auto', 'auto')
})

describe('paired in user space, every request is exactly one right span', () => {
  for (const row of ROWS.filter(({ connections }) => connections > 1)) testRow(row, 'auto', 'user')
})
