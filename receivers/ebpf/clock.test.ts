import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Clock } from './clock.ts'

/** A machine whose wall clock can be stepped and slewed; both clocks move only when told. */
function machine(bootNs: bigint, realNs: bigint) {
  const state = { bootNs, realNs, windowNs: 200 }
  return {
    state,
    read: () => ({ ...state }),
    advance(ns: bigint, slewNs = 0n) {
      state.bootNs += ns
      state.realNs += ns + slewNs
    },
  }
}

const BOOT = 5_000_000_123n
const REAL = 1_700_000_000_999_999_990n

describe('Clock', () => {
  type Case = [name: string, ns: number, want: [number, number]]
  const cases: Case[] = [
    ['the epoch itself', 0, [1_700_000_000, 999_999_990]],
    ['carries into the next second', 15, [1_700_000_001, 5]],
    ['before the epoch', -1_000_000_000, [1_699_999_999, 999_999_990]],
    ['a hundred days on', 8_640_000 * 1e9 + 10, [1_708_640_001, 0]],
  ]
  for (const [name, ns, want] of cases) {
    test(name, () => assert.deepEqual(new Clock(machine(BOOT, REAL).read).unixTime(ns), want))
  }

  test('follows a step of the wall clock at the next update', () => {
    const host = machine(BOOT, REAL)
    const clock = new Clock(host.read)
    host.advance(1_000_000n)
    host.state.realNs -= 3_600_000_000_000n
    clock.update()
    assert.deepEqual(clock.unixTime(1_000_000), [1_699_996_401, 999_990])
  })

  test('follows a slew of 500 ppm within a microsecond', () => {
    const host = machine(BOOT, REAL)
    const clock = new Clock(host.read)
    for (let i = 0; i < 1000; i++) {
      host.advance(10_000_000n, 5_000n)
      clock.update()
    }
    const [seconds, nanoseconds] = clock.unixTime(clock.nowNs())
    const errorNs = host.state.realNs - (BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds))
    assert.ok(errorNs >= -1000n && errorNs <= 1000n, `${errorNs} ns`)
  })

  test('takes no notice of the jitter of reading two clocks', () => {
    const host = machine(BOOT, REAL)
    const clock = new Clock(host.read)
    const before = clock.unixTime(42)
    host.state.realNs += 150n
    clock.update()
    assert.deepEqual(clock.unixTime(42), before)
  })
})
