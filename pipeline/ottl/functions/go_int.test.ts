import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Integer } from '../../data/metrics.ts'
import { parseGoInt } from './go_int.ts'

const cases: [text: string, base: number, want: Integer | undefined][] = [
  ['9223372036854775807', 10, 2n ** 63n - 1n],
  ['9223372036854775808', 10, undefined],
  ['-9223372036854775808', 10, -(2n ** 63n)],
  ['-9223372036854775809', 10, undefined],
  ['0x7fffffffffffffff', 0, 2n ** 63n - 1n],
  ['0x8000000000000000', 0, undefined],
  ['0'.repeat(100_000).concat('7'), 10, 7],
  // As a BigInt of all its digits it took some minutes.
  ['9'.repeat(5_000_000), 10, undefined],
  ['-'.concat('f'.repeat(5_000_000)), 16, undefined],
]

describe('parseGoInt', () => {
  for (const [text, base, want] of cases) {
    test(
      `${text.slice(0, 24)} (${text.length} characters), base ${base}`,
      { timeout: 30_000 },
      () => assert.equal(parseGoInt(text, base), want),
    )
  }
})
