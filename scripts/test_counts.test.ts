import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Counts, closingLine, NONE, readClosingLine, sum } from './test_counts.ts'

const counts = (passed: number, failed: number, skipped: number): Counts => ({
  passed,
  failed,
  skipped,
})

type Case = [name: string, output: string, exitCode: number | null, want: Counts]
const cases: Case[] = [
  ['all passed', 'a.js  3 of 3\n3 passed, 0 failed, 0 skipped\n', 0, counts(3, 0, 0)],
  [
    'the last line counts',
    '1 passed, 0 failed, 0 skipped\n5 passed, 2 failed, 1 skipped\n',
    1,
    counts(5, 2, 1),
  ],
  ['carriage returns of a serial line', '4 passed, 0 failed, 0 skipped\r\n', 0, counts(4, 0, 0)],
  ['no closing line', 'Killed\n', 0, counts(0, 1, 0)],
  ['no test', '0 passed, 0 failed, 0 skipped\n', 0, counts(0, 1, 0)],
  ['good words, bad exit', '7 passed, 0 failed, 0 skipped\n', 137, counts(7, 1, 0)],
  ['ended by a signal', '', null, counts(0, 1, 0)],
  ['the words within a line', 'log: 4 passed, 0 failed, 0 skipped\n', 0, counts(0, 1, 0)],
]

describe('readClosingLine', () => {
  for (const [name, output, exitCode, want] of cases) {
    test(name, () => assert.deepEqual(readClosingLine(output, exitCode), want))
  }
})

test('a closing line is read back', () => {
  assert.deepEqual(readClosingLine(`${closingLine(counts(2, 0, 9))}\n`, 0), counts(2, 0, 9))
})

test('a sum of none is none', () => {
  assert.deepEqual(sum([]), NONE)
  assert.deepEqual(sum([counts(1, 2, 3), counts(10, 20, 30)]), counts(11, 22, 33))
})
