import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { requests } from '../size.ts'
import type { Pairing } from './agent.ts'
import { nameOf, ROWS } from './rows.ts'
import { runRow } from './run_row.ts'

const PAIRINGS: readonly Pairing[] = ['auto', 'user']

describe('every request is exactly one right span', () => {
  for (const row of ROWS) {
    for (const pairing of PAIRINGS) {
      test(nameOf(row, 'auto', pairing), async (t) => {
        const result = await runRow(row, requests, { pairing })
        const differences = [...result.server.differences, ...result.client.differences]
        for (const line of result.log.slice(-3)) t.diagnostic(line)
        assert.deepEqual(differences.slice(0, 20), [], `${differences.length} differences`)
        assert.equal(result.exitCode, 0)
      })
    }
  }
})
