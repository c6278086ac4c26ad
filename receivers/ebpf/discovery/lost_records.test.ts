import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LostRecords } from './lost_records.ts'

test('processes are looked at anew once for each second in which records were lost', () => {
  const lost = [0, 5, 5, 5, 6]
  const recovered: number[] = []
  let second = 0
  const records = new LostRecords({
    lost: () => lost[second] ?? 0,
    recover: () => recovered.push(second),
  })
  for (; second < lost.length; second++) {
    for (let part = 0; part < 4; part++) records.look((second + 1 + part / 4) * 1e9)
  }
  assert.deepEqual(recovered, [1, 4])
})
