import assert from 'node:assert/strict'
import { test } from 'node:test'
import { probeHits } from '../../../bpf/events.gen.ts'
import { ProbeHits } from './probe_hits.ts'

const PLACES = 4

test('an entry is found by its process, and by no other that shares the place', () => {
  const memory = new ArrayBuffer(PLACES * probeHits.size)
  const words = new BigUint64Array(memory, probeHits.size, 4)
  words.set([5n, 100n, 2n, 3000n])
  const hits = new ProbeHits(memory)
  const want = { tgid: 5, hits: 100, timed: 2, timedNs: 3000 }
  assert.deepEqual([hits.of(5), hits.of(1), hits.of(9)], [want, undefined, undefined])
  assert.deepEqual([...hits], [want])
  hits.forget(1)
  assert.deepEqual([...hits], [want])
  hits.forget(5)
  assert.deepEqual([[...hits], hits.of(5)], [[], undefined])
})

test('without a kernel there is none', () => {
  const hits = new ProbeHits(new ArrayBuffer(0))
  hits.forget(1)
  assert.equal(hits.of(1), undefined)
})
