import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fifo } from './fifo.ts'

test('a Fifo gives what it took, in order, whatever comes and goes meanwhile', () => {
  const fifo = new Fifo<number>()
  const got: number[] = []
  let next = 0
  for (let round = 0; round < 3000; round++) {
    for (let i = 0; i < 3; i++) fifo.push(next++)
    const one = fifo.shift()
    assert(one !== undefined)
    if (round % 2 === 0) fifo.putBack(one)
    else got.push(one)
  }
  for (let one = fifo.shift(); one !== undefined; one = fifo.shift()) got.push(one)
  assert.deepEqual(
    got,
    Array.from({ length: next }, (_, i) => i),
  )
  assert.equal(fifo.length, 0)
})
