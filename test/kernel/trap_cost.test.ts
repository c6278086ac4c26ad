import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Decision } from '../../bpf/events.gen.ts'
import { loadObject } from '../../native/load.ts'
import { measureTrapCosts } from '../../native/trap_cost.ts'
import { objectPath } from './tcp/tap.ts'

test('what a probe costs a process that is not watched, and only uses the same file', (t) => {
  const { object } = loadObject(objectPath('openssl'))
  try {
    new Uint8Array(object.map('decisions').memory()).fill(Decision.REJECTED * 0b01010101)
    const { emulatedNs, steppedNs } = measureTrapCosts(object, 'ssl_free')
    t.diagnostic(`${emulatedNs.toFixed(0)} ns, single-stepped ${steppedNs.toFixed(0)} ns`)
    const runs = object.programs().find(({ name }) => name === 'ssl_free')
    assert.ok(runs, 'the program')
    assert.ok(emulatedNs > 0 && steppedNs > 0)
    assert.deepEqual(
      [...new Uint8Array(object.map('probe_hits').memory())].filter((byte) => byte !== 0),
      [],
      'hits of others are not counted',
    )
  } finally {
    object.close()
  }
})
