import assert from 'node:assert/strict'
import { test } from 'node:test'
import { coveragePage, type Guest, guestsOf, pageHas, withGuest } from './page.ts'
import { type CoverageRow, nameOf } from './row.ts'

const row = (program: string, tls: string): CoverageRow => ({
  ...{ program, tls, stripped: true, obi: 'read', small: true },
  version: async () => '1',
  ask: async () => undefined,
})
const curl = row('curl', "Debian's libssl")
const wget = row('wget', "Debian's libgnutls")
const lines = [curl, wget].map((one) => ({ row: one, version: '1.2' }))
const guest = (kernel: string, ...rows: CoverageRow[]): Guest => ({
  kernel,
  about: `today, Linux ${kernel}.0-9, hooks fentry`,
  names: new Set(rows.map(nameOf)),
})

test('a run in a guest is entered beside the lines that came out right, and in the place of the one before', () => {
  const page = coveragePage(lines, 'today', [])
  assert.deepEqual(guestsOf(page), [])
  const both = withGuest(withGuest(page, guest('6.1', curl, wget)), guest('5.10', wget))
  assert.match(both, /^\| curl \| 1\.2 \| client \| .* \| 6\.1 \| read \|$/m)
  assert.match(both, /^\| wget \| .* \| 5\.10, 6\.1 \| read \|$/m)
  const fewer = withGuest(both, guest('6.1'))
  assert.match(fewer, /^Guest 6\.1: today, Linux 6\.1\.0-9, hooks fentry, 0 lines\.$/m)
  assert.match(fewer, /^\| wget \| .* \| 5\.10 \| read \|$/m)
  assert.ok(pageHas(fewer, curl) && !pageHas(fewer, { ...curl, unread: 'rustls' }))
})

test('a run on the host keeps what was played in guests', () => {
  const page = withGuest(coveragePage(lines, 'today', []), guest('6.1', wget))
  assert.equal(coveragePage(lines, 'today', guestsOf(page)), page)
})
