import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { didYouMean, editDistance, nearest } from './nearest.ts'

type Row = [name: string, word: string, names: string[], want: string | undefined]
const rows: Row[] = [
  ['a letter left out', 'bach', ['batch', 'debug'], 'batch'],
  ['two letters swapped', 'ebfp', ['ebpf', 'otlp'], 'ebpf'],
  ['the wrong case', 'Receivers', ['receivers', 'exporters'], 'receivers'],
  ['underscores left out', 'sendbatchsize', ['send_batch_size', 'timeout'], 'send_batch_size'],
  ['nothing near', 'kafka', ['batch', 'debug'], undefined],
  ['nothing to choose from', 'x', [], undefined],
]

describe('nearest', () => {
  for (const [name, word, names, want] of rows) {
    test(name, () => assert.equal(nearest(word, names), want))
  }
  test('counts a swap as one edit', () => assert.equal(editDistance('abcd', 'acbd'), 1))
  test('says nothing when nothing is near', () => assert.equal(didYouMean('kafka', ['batch']), ''))
})
