import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Conversation } from '../../receivers/ebpf/protocols/testing/chunk_play.ts'
import { openConnections } from '../size.ts'
import { pathOf } from '../truth/compare.ts'
import { holdMany, ROOMY_RINGS } from './tcp/many.ts'

const HTTP: Conversation = [
  ['request', 'GET /r/many-NAME HTTP/1.1\r\nHost: many\r\n\r\n'],
  ['response', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
]
const LIMIT = { timeout: 600_000 }
const MANY = { conversations: [HTTP], bytesPerEnd: 2048 }

test(`${openConnections} connections open at once: none is left behind`, LIMIT, async (t) => {
  const { spans, account } = await holdMany(t, {
    ...MANY,
    connections: openConnections,
    rings: ROOMY_RINGS,
    stopped: false,
  })
  for (const kind of ['server', 'client']) {
    const paths = spans.filter((span) => span.kind === kind).map(pathOf)
    assert.deepEqual([paths.length, new Set(paths).size], [openConnections, openConnections], kind)
  }
  assert.equal(account.lost, 0)
})

test('rings that are full of them: those that ended untold are found gone', LIMIT, async (t) => {
  const { account } = await holdMany(t, {
    ...MANY,
    connections: 1000,
    rings: '64KiB',
    stopped: true,
  })
  assert.equal(account.seen, account.exported + account.lost + account.skipped)
})
