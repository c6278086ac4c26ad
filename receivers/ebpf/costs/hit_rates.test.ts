import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HitRates } from './hit_rates.ts'

/** Looks once a second at a process that hits its probes so often in each; gives the seconds at which it is told of. */
function toldAt(limit: number, perSecond: readonly number[]): number[] {
  const rates = new HitRates(limit)
  let hits = 0
  const told: number[] = []
  rates.look([{ tgid: 7, hits, timed: 0, timedNs: 0 }], 1e9)
  for (const [i, more] of perSecond.entries()) {
    hits += more
    const found = rates.look([{ tgid: 7, hits, timed: 0, timedNs: 0 }], (i + 2) * 1e9)
    for (const one of found) {
      assert.deepEqual(one, { tgid: 7, perSecond: more })
      told.push(i + 1)
    }
  }
  return told
}

describe('a process that hits its probes too often', () => {
  type Case = [name: string, limit: number, perSecond: readonly number[], want: readonly number[]]
  const cases: Case[] = [
    ['for 3 s', 100, [101, 101, 101], [3]],
    ['not for a burst', 100, [5000, 0, 5000, 5000, 0], []],
    ['not at the limit', 100, [100, 100, 100, 100], []],
    ['again, if it goes on', 100, Array(7).fill(200), [3, 6]],
    ['never without a limit', 0, Array(5).fill(1e6), []],
  ]
  for (const [name, limit, perSecond, want] of cases) {
    test(name, () => assert.deepEqual(toldAt(limit, perSecond), want))
  }

  test('is looked for once a second', () => {
    const rates = new HitRates(1)
    for (let ms = 0; ms < 2500; ms += 10) {
      const hits = [{ tgid: 7, hits: ms * 1000, timed: 0, timedNs: 0 }]
      assert.deepEqual(rates.look(hits, ms * 1e6), [])
    }
  })
})
