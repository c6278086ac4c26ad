import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { account, accountLine } from './accounting.ts'
import { ALL_REASONS, Counters } from './counters.ts'

function books(counts: Record<string, number>, exported: number, waiting = 0) {
  const counters = new Counters()
  for (const [name, count] of Object.entries(counts)) counters.add(name, count)
  return accountLine(account(counters, { exported, waiting }), counters)
}

describe('accountLine', () => {
  type Case = [name: string, counts: Record<string, number>, exported: number, want: string]
  const cases: Case[] = [
    ['nothing happened', {}, 0, 'seen 0 / exported 0 / lost 0'],
    ['all well', { adopted: 3 }, 9, 'seen 9 / exported 9 / lost 0'],
    ['a reason that never struck is not named', { refused: 0 }, 1, 'seen 1 / exported 1 / lost 0'],
    [
      'reasons, most frequent first',
      { refused: 2, ring_full: 40, otlp_export: 1 },
      7,
      'seen 50 / exported 7 / lost 42 (ring_full 40, refused 2) / skipped 1 (otlp_export 1)',
    ],
    [
      'pieces of exchanges that nobody could count',
      { ring_full_chunk: 300, ring_full_datagram: 2, ring_full_end: 1 },
      5,
      'seen 5 / exported 5 / lost 0 / pieces lost ring_full_chunk 300, ring_full_datagram 2',
    ],
  ]
  for (const [name, counts, exported, want] of cases) {
    test(name, () => assert.equal(books(counts, exported), want))
  }

  test('calls that were missed, where hooks may miss some', () => {
    const counters = new Counters()
    const line = (show: boolean) =>
      accountLine(account(counters, { exported: 1, waiting: 0 }), counters, show)
    assert.equal(line(false), 'seen 1 / exported 1 / lost 0')
    assert.equal(line(true), 'seen 1 / exported 1 / lost 0 / calls missed 0')
    counters.add('return_missed', 2)
    assert.equal(line(false), 'seen 1 / exported 1 / lost 0 / calls missed 2')
  })

  test('what waits is neither lost nor exported', () => {
    assert.equal(books({}, 5, 2), 'seen 7 / exported 5 / lost 0 / waiting 2')
  })
})

test('every reason has a number of its own', () => {
  const numbers = Object.values(ALL_REASONS).map(({ number }) => number)
  assert.equal(new Set(numbers).size, numbers.length)
})
