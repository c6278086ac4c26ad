import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DynamicTable, entryOf } from './dynamic_table.ts'

/** 40 bytes each: 102 of them are a table of 4096. */
const entry = (n: number) => entryOf('name', String(n).padStart(4, '0'))
const add = (table: DynamicTable, n: number) => table.add(entry(n))

test('a table holds the newest entries that fit, however many have gone', () => {
  const table = new DynamicTable()
  for (let n = 0; n < 1000; n++) {
    add(table, n)
    const first = Math.max(0, n - 101)
    assert.deepEqual(table.get(0), entry(n))
    assert.deepEqual(table.get(n - first), entry(first))
    assert.equal(table.get(n - first + 1), undefined)
  }
})

test('a smaller maximum lets the oldest go, none lets all go', () => {
  const table = new DynamicTable()
  for (let n = 0; n < 150; n++) add(table, n)
  table.resize(80)
  assert.deepEqual([table.get(0), table.get(1), table.get(2)], [entry(149), entry(148), undefined])
  table.resize(0)
  assert.equal(table.get(0), undefined)
  table.resize(4096)
  add(table, 7)
  assert.deepEqual([table.get(0), table.get(1)], [entry(7), undefined])
})

test('what is larger than the table empties it', () => {
  const table = new DynamicTable()
  add(table, 1)
  table.add(entryOf('name', 'x'.repeat(5000)))
  assert.equal(table.get(0), undefined)
  assert.equal(table.isComplete, true)
})
