/** What ParseCSV of the Collector 0.159 gave, or that it failed. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readRow } from './csv.ts'

const rows: [text: string, strict: readonly string[] | RegExp, lazy: readonly string[]][] = [
  ['1,2', ['1', '2'], ['1', '2']],
  ['1,"2,3"', ['1', '2,3'], ['1', '2,3']],
  ['"a""b",""', ['a"b', ''], ['a"b', '']],
  ['a,', ['a', ''], ['a', '']],
  ['1,"2"x', /something stands behind the quote/, ['1', '2"x']],
  ['1,"2', /a quote is not closed/, ['1', '2']],
  ['1,a"b"c', /a quote within a field/, ['1', 'a"b"c']],
  ['1,"a"b"', /something stands behind the quote/, ['1', 'a"b']],
  ['a,"b\nc"', ['a', 'b\nc'], ['a', 'b\nc']],
  ['a\nb,c', ['a\nb', 'c'], ['a\nb', 'c']],
  ['a\r\nb,c', ['a\nb', 'c'], ['a\nb', 'c']],
  ['a,b\n', ['a', 'b'], ['a', 'b']],
  ['\na,b\r', ['a', 'b'], ['a', 'b']],
]

describe('readRow', () => {
  for (const [text, strict, lazy] of rows) {
    test(JSON.stringify(text), () => {
      if (strict instanceof RegExp) assert.throws(() => readRow(text, ',', false), strict)
      else assert.deepEqual(readRow(text, ',', false), strict)
      assert.deepEqual(readRow(text, ',', true), lazy)
    })
  }

  test('nothing', () => assert.throws(() => readRow('', ',', false), /there are no fields/))

  test('a delimiter beyond the first plane', () =>
    assert.deepEqual(readRow('a\u{1f600}b', '\u{1f600}', false), ['a', 'b']))

  test('takes a time that grows with the text', { timeout: 10_000 }, () => {
    assert.equal(readRow(','.repeat(1_000_000), ',', false).length, 1_000_001)
    assert.equal(readRow('a\n'.repeat(500_000), ',', false).length, 1)
    assert.equal(readRow('"'.repeat(1_000_001), ',', true).length, 1)
  })
})
