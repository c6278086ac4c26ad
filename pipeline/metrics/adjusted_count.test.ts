import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { adjustedCount } from './adjusted_count.ts'

const cases: readonly [name: string, traceState: string, count: number][] = [
  ['no trace state', '', 1],
  ['no threshold', 'ot=rv:01234567890123', 1],
  ['everything kept', 'ot=th:0', 1],
  ['one of two, beside others', 'a=b,ot=rv:ffffffffffffff;th:8,c=d', 2],
  ['one of four', 'ot=th:c', 4],
  ['one of 2^56, which no sum of doubles may make infinite', 'ot=th:ffffffffffffff', 2 ** 56],
  ['no hex digits', 'ot=th:xyz', 1],
  ['too many digits', 'ot=th:000000000000000', 1],
]

describe('how many spans one stands for', () => {
  for (const [name, traceState, count] of cases) {
    test(name, () => assert.equal(adjustedCount(traceState), count))
  }
})
