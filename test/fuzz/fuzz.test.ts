import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fuzz, playSeed } from './run.ts'
import { FUZZ_TARGETS } from './targets.ts'

const INPUTS = 10_000

describe('fuzz, in its short form', () => {
  for (const target of Object.keys(FUZZ_TARGETS)) {
    test(target, () => {
      const { inputs, failure } = fuzz(target, 1, INPUTS, Number.POSITIVE_INFINITY)
      if (failure !== undefined) throw new Error(`seed ${failure.seed}`, { cause: failure.cause })
      assert.equal(inputs, INPUTS)
    })
  }

  test('a target that is not there is named', () => {
    assert.throws(() => playSeed('http7', 1), /fuzz http7: no such target, expected http1/)
  })
})
