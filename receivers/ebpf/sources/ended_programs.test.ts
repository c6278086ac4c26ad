import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EndedPrograms } from './ended_programs.ts'

test('a process counts once, a program as often as it ended', () => {
  const ended = new EndedPrograms()
  assert.deepEqual(
    [ended.add(1, '/bin/a'), ended.add(1, '/bin/a'), ended.add(2, '/bin/a'), ended.add(3, '/b')],
    [true, false, true, true],
  )
  assert.deepEqual(ended.list(), [
    { name: '/bin/a', times: 2 },
    { name: '/b', times: 1 },
  ])
})

test('beyond 64 names they count together', () => {
  const ended = new EndedPrograms()
  for (let tgid = 0; tgid < 1000; tgid++) ended.add(tgid, `/bin/${tgid}`)
  const list = ended.list()
  assert.equal(list.length, 65)
  assert.deepEqual(list.at(-1), { name: '(others)', times: 936 })
})
