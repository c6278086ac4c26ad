import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import {
  type Metric,
  NO_RECORDED_VALUE,
  type NumberPoint,
  type ResourceMetrics,
  Temporality,
} from '../../pipeline/data/metrics.ts'
import { unsnappy } from '../../pipeline/net/snappy.ts'
import { EVERY_KIND, edge } from '../../test/support/every_metric.ts'
import { gauge, point, resourceMetrics } from '../../test/support/telemetry.ts'
import { schema } from './config.ts'
import { SeriesSet } from './series.ts'
import { decodeRequest } from './testing.ts'
import { requestsOf } from './write_request.ts'

const GOLDEN = join(import.meta.dirname, '../../../exporters/prometheus_remote_write/testdata')

/** The requests of one batch, and what was dropped by reason. */
function translated(batch: readonly ResourceMetrics[], options: object = {}) {
  const drops: Record<string, number> = {}
  const config = schema.parse({ endpoint: 'http://localhost:1', ...options })
  const set = new SeriesSet(config, (reason, n) => {
    drops[reason] = (drops[reason] ?? 0) + n
  })
  for (const resource of batch) set.add(resource)
  const requests = [...requestsOf(set.series, set.metadata, config.max_batch_size_bytes)]
  const lines = requests.flatMap(({ body }) => decodeRequest(body).lines)
  return { requests, lines, drops }
}

const sum = (temporality: number, ...points: NumberPoint[]): Metric => ({
  ...gauge('hits', 0),
  unit: '',
  data: { kind: 'sum', monotonic: true, temporality, points },
})

const { cumulative, delta, unspecified } = Temporality
const PLAIN = { disable_scope_info: true, target_info: { enabled: false } }

describe('SeriesSet', () => {
  const forms: [file: string, options: object][] = [
    ['every_kind.txt', { send_metadata: true }],
    [
      'labelled.txt',
      {
        namespace: 'weir',
        external_labels: { region: 'eu', job: 'none' },
        resource_to_telemetry_conversion: { enabled: true },
        disable_scope_info: true,
        add_metric_suffixes: false,
      },
    ],
  ]
  for (const [file, options] of forms) {
    test(`makes of every kind of metric what ${file} has`, () => {
      const { lines, drops } = translated([edge(EVERY_KIND)], options)
      const text = `${lines.join('\n')}\n`
      const path = join(GOLDEN, file)
      if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, text)
      assert.equal(text, readFileSync(path, 'utf8'))
      assert.deepEqual(drops, {})
    })
  }

  test('is byte for byte what the specification says', () => {
    const { requests } = translated([resourceMetrics([sum(cumulative, point(7))])], PLAIN)
    const plain = unsnappy(requests[0]?.body ?? Buffer.alloc(0), 1000, () => new Error('too large'))
    const label = (name: string, value: string) =>
      `0a${hex(name.length + value.length + 4)}0a${hex(name.length)}${ascii(name)}12${hex(value.length)}${ascii(value)}`
    const sample = '12100900000000000' + '01c401080d095ffbc31' // 7 at 1700000000000 ms
    const body = label('__name__', 'hits_total') + label('job', 'shop') + sample
    assert.equal(plain.toString('hex'), `0a${hex(body.length / 2)}${body}`)
  })

  test('points of one series are in the order of time, twice the same one is dropped', () => {
    const at = (value: number, seconds: number) => ({
      ...point(value),
      time: [seconds, 0] as const,
    })
    const metric = sum(cumulative, at(3, 30), at(1, 10), at(9, 30))
    const { lines, drops } = translated([resourceMetrics([metric])], PLAIN)
    assert.deepEqual(lines, ['__name__=hits_total job=shop | sample 1 @10000 | sample 3 @30000'])
    assert.deepEqual(drops, { duplicate_sample: 1 })
  })

  test('a point without a value that says so ends its series', () => {
    const none = { ...point(0), value: { kind: 'none' as const } }
    const ended = { ...none, flags: NO_RECORDED_VALUE }
    const ends = translated([resourceMetrics([sum(cumulative, ended)])], PLAIN)
    assert.deepEqual(ends.lines, ['__name__=hits_total job=shop | sample stale @1700000000000'])
    const dropped = translated([resourceMetrics([sum(cumulative, none)])], PLAIN)
    assert.deepEqual([dropped.lines, dropped.drops], [[], { no_data: 1 }])
  })

  const refused: [temporality: number, reason: string][] = [
    [delta, 'delta'],
    [unspecified, 'no_temporality'],
  ]
  for (const [temporality, reason] of refused) {
    test(`counts points as ${reason}`, () => {
      const metric = sum(temporality, point(1), point(2))
      const { requests, drops } = translated([resourceMetrics([metric])])
      assert.deepEqual([requests, drops], [[], { [reason]: 2 }])
    })
  }

  test('requests are no longer than allowed', () => {
    const batch = [resourceMetrics([gauge('a', 1), gauge('b', 1), gauge('c', 1)])]
    const { requests, lines } = translated(batch, { ...PLAIN, max_batch_size_bytes: 120 })
    assert.deepEqual(
      requests.map(({ points }) => points),
      [2, 1],
    )
    assert.equal(lines.length, 3)
  })
})

const hex = (n: number) => n.toString(16).padStart(2, '0')
const ascii = (text: string) => Buffer.from(text).toString('hex')
