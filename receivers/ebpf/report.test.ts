import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testContext } from '../../test/support/context.ts'
import { Counters } from './counters.ts'
import { Delivery } from './delivery.ts'
import { Report } from './report.ts'

test('a full ring is warned of, also where nobody knows how many exchanges that were', () => {
  const { ctx, lines } = testContext()
  const counters = new Counters()
  const report = new Report(ctx, counters, new Delivery(counters, () => assert.fail()))
  const play = (counts: Record<string, number>): string[] => {
    const from = lines.length
    const stats = { read: () => new Map(Object.entries(counts)) }
    report.start(stats, { degraded: () => [], hooks: 'fentry' }, { pairedInKernel: 0, records: 0 })
    report.stop()
    return lines.slice(from).map((line) => line.split('\t').slice(0, 2).join(' '))
  }
  assert.deepEqual(play({ ring_full_chunk: 7, ring_full: 1, adopted: 3 }), [
    'info exchanges: seen 1 / exported 0 / lost 1 (ring_full 1) / pieces lost ring_full_chunk 7',
    'warn rings were full: 8 records lost',
  ])
  assert.deepEqual(play({ ring_full_chunk: 7, ring_full: 1, adopted: 9 }), [
    'info exchanges: seen 1 / exported 0 / lost 1 (ring_full 1) / pieces lost ring_full_chunk 7',
  ])
})
