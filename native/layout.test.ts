import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { StructLayout } from './addon.ts'
import { layoutDifference } from './layout.ts'

const chunk: StructLayout = {
  size: 24,
  fields: { time: { offset: 0, size: 8 }, data: { offset: 8, size: 16 } },
}
const withData = (data: { offset: number; size: number }): StructLayout => ({
  size: 24,
  fields: { time: { offset: 0, size: 8 }, data },
})

const rows: [name: string, have: StructLayout | undefined, difference: string | undefined][] = [
  ['the same', chunk, undefined],
  [
    'one field more',
    { ...chunk, fields: { ...chunk.fields, more: { offset: 20, size: 4 } } },
    undefined,
  ],
  ['no such struct', undefined, 'not in its BTF'],
  ['another size', { ...chunk, size: 32 }, 'expected 24 bytes, got 32'],
  [
    'a field is gone',
    { size: 24, fields: { time: { offset: 0, size: 8 } } },
    'expected a field data',
  ],
  [
    'a field has moved',
    withData({ offset: 4, size: 16 }),
    'expected data at 8 with 16 bytes, got 4 with 16',
  ],
  [
    'a field has grown',
    withData({ offset: 8, size: 12 }),
    'expected data at 8 with 16 bytes, got 8 with 12',
  ],
]

describe('layoutDifference', () => {
  for (const [name, have, difference] of rows) {
    test(name, () => assert.equal(layoutDifference(chunk, have), difference))
  }
})
