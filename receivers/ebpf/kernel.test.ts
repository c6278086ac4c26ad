import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type KernelSettings, objectOptions, possibleCpus } from './kernel.ts'

const MIB = 1024 * 1024
const settings: KernelSettings = {
  pairInKernel: true,
  requestHead: 1024,
  responseHead: 256,
  connections: 65_536,
  rings: 4,
  ringBytes: 8 * MIB,
}
const sizes = (change: Partial<KernelSettings>) =>
  objectOptions({ ...settings, ...change }, 2, 208).maxEntries ?? {}

describe('objectOptions', () => {
  type Case = [name: string, change: Partial<KernelSettings>, rings: number[]]
  const cases: Case[] = [
    ['shares the size among the rings', {}, [2 * MIB, 2 * MIB, 2 * MIB, 2 * MIB]],
    ['keeps unused rings small', { rings: 2 }, [4 * MIB, 4 * MIB, 4096, 4096]],
    [
      'rounds down to a power of two',
      { rings: 1, ringBytes: 3 * MIB },
      [2 * MIB, 4096, 4096, 4096],
    ],
  ]
  for (const [name, change, want] of cases) {
    test(name, () => {
      const { ring_0, ring_1, ring_2, ring_3 } = sizes(change)
      assert.deepEqual([ring_0, ring_1, ring_2, ring_3], want)
    })
  }

  test('verdicts are a power of two that has room for all connections', () => {
    assert.equal(sizes({ connections: 70_000 })['verdicts'], 131_072)
    assert.equal(sizes({ connections: 64 })['verdicts'], 64)
  })

  test('a slot grows with the captures', () => {
    const { valueSizes } = objectOptions({ ...settings, requestHead: 4096 }, 2, 208)
    assert.deepEqual(valueSizes, { heads: 208 + 2 * 4096 + 256 })
  })
})

test('possibleCpus counts up to the last one', () => {
  assert.deepEqual(['0\n', '0-3\n', '0,2-5\n'].map(possibleCpus), [1, 4, 6])
})
