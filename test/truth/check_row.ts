import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requests } from '../size.ts'
import type { Hooks, Pairing } from './agent.ts'
import { nameOf, type Row } from './rows.ts'
import { runRow } from './run_row.ts'

const SHOWN = 20

/** A test that plays the row, and wants every request to be exactly one right span at both ends. */
export function testRow(row: Row, hooks: Hooks, pairing: Pairing): void {
  test(nameOf(row, hooks, pairing), async (t) => {
    const { server, client, log, exitCode } = await runRow(row, requests, { hooks, pairing })
    const differences = [...server.differences, ...client.differences]
    for (const line of log.slice(-3)) t.diagnostic(line)
    assert.deepEqual(differences.slice(0, SHOWN), [], `${differences.length} differences`)
    assert.equal(exitCode, 0)
  })
}
