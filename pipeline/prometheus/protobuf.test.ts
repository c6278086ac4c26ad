import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Buckets } from '../data/metrics.ts'
import { expositionProtobuf } from './protobuf.ts'
import { spansOf } from './wire.ts'

type Case = [name: string, buckets: Buckets, spans: [number, number][], deltas: bigint[]]
const cases: Case[] = [
  ['no buckets', { offset: 3, bucketCounts: [] }, [], []],
  ['side by side', { offset: 1, bucketCounts: [4, 2, 2] }, [[1, 3]], [4n, -2n, 0n]],
  [
    'a short gap is filled',
    { offset: -2, bucketCounts: [1, 0, 0, 3] },
    [[-2, 4]],
    [1n, -1n, 0n, 3n],
  ],
  [
    'a long gap begins another span',
    { offset: 0, bucketCounts: [1, 0, 0, 0, 2] },
    [
      [0, 1],
      [3, 1],
    ],
    [1n, 1n],
  ],
  ['empty buckets at both ends', { offset: 0, bucketCounts: [0, 0, 7, 0] }, [[2, 1]], [7n]],
  ['beyond 2^53', { offset: 0, bucketCounts: [2n ** 60n] }, [[0, 1]], [2n ** 60n]],
]

describe('spansOf', () => {
  for (const [name, buckets, spans, deltas] of cases) {
    test(name, () =>
      assert.deepEqual(spansOf(buckets), {
        spans: spans.map(([offset, length]) => ({ offset, length })),
        deltas,
      }),
    )
  }
})

test('a counter, byte by byte', () => {
  const bytes = expositionProtobuf(
    [
      {
        name: 'a.b',
        type: 'counter',
        help: 'h',
        samples: [
          { labels: new Map([['k', 'v']]), timeMs: 5, value: { kind: 'number', value: 1 } },
        ],
      },
    ],
    (name) => name.replaceAll('.', '_'),
  )
  const label = '0a06 0a016b 120176'
  const counter = '1a09 09000000000000f03f'
  const metric = `2215 ${label} ${counter} 3005`
  const want = `21 0a03 615f62 120168 1800 ${metric}`.replaceAll(' ', '')
  assert.equal(Buffer.from(bytes).toString('hex'), want)
})
