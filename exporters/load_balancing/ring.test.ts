import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Ring } from './ring.ts'

/** Of the Collector's own tests: where five points of each backend fall. */
const ONE = [1401, 4175, 14133, 17836, 21667]
const TWO = [10_240, 15_002, 21_263, 26_806, 27_020]

describe('the ring', () => {
  const places = (ring: Ring) => ring.points.map(({ position }) => position)

  test('has the points of the Collector', () => {
    assert.deepEqual(places(new Ring(['endpoint-1'], 5)), ONE)
    assert.deepEqual(places(new Ring(['endpoint-1', 'endpoint-1'], 5)), ONE)
    const both = new Ring(['endpoint-1', 'endpoint-2'], 5)
    assert.deepEqual(
      places(both),
      [...ONE, ...TWO].sort((a, b) => a - b),
    )
    assert.equal(both.points.find(({ position }) => position === 10_240)?.backend, 'endpoint-2')
    assert.equal(new Ring(['endpoint-1', 'endpoint-2']).points.length, 200)
  })

  for (const [head, want] of [
    ['0102', 'endpoint-1'],
    ['8080', 'endpoint-2'],
  ] as const) {
    test(`gives the trace ${head}... to ${want}, as the Collector does`, () => {
      const key = Buffer.from(head.padEnd(32, '0'), 'hex')
      assert.equal(new Ring(['endpoint-1', 'endpoint-2']).backendOf(key), want)
    })
  }

  test('a backend that goes takes only its own keys along', () => {
    const all = new Ring(['a:4317', 'b:4317', 'c:4317'])
    const fewer = new Ring(['a:4317', 'c:4317'])
    const keys = Array.from({ length: 3000 }, (_, i) => `service-${i}`)
    const moved = keys.filter((key) => all.backendOf(key) !== fewer.backendOf(key))
    assert(moved.every((key) => all.backendOf(key) === 'b:4317'))
    assert(moved.length > 500 && moved.length < 1500, `${moved.length} of 3000`)
  })

  test('without backends there is none', () => assert.equal(new Ring([]).backendOf('a'), undefined))
})
