import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { labelName, metricName, type Naming } from './names.ts'

const FULL: Naming = { typeSuffix: true, unitSuffix: true }
const PLAIN: Naming = { typeSuffix: false, unitSuffix: false }
const DOTS: Naming = { ...FULL, utf8: true }

type Type = Parameters<typeof metricName>[1]
type Case = [want: string, name: string, unit: string, type: Type, naming: Naming]
const cases: Case[] = [
  ['system_filesystem_usage_bytes', 'system.filesystem.usage', 'By', 'gauge', FULL],
  ['system_network_dropped_total', 'system.network.dropped', '{packets}', 'counter', FULL],
  ['disk_io_bytes_per_second', 'disk.io', 'By/s', 'gauge', FULL],
  ['queue_per_second', 'queue', '{item}/s', 'gauge', FULL],
  ['hits_total', 'hits.total', '1', 'counter', FULL],
  ['hits_total', 'total.hits_total', '', 'counter', { ...FULL, unitSuffix: false }],
  ['cpu_utilization_ratio', 'cpu.utilization', '1', 'gauge', FULL],
  ['request_seconds', 'request.seconds', 's', 'histogram', FULL],
  ['odd_foot_pounds', 'odd', 'foot pounds', 'gauge', FULL],
  ['a_b', 'a..--b', '', 'gauge', FULL],
  ['_7up', '7up', '', 'histogram', FULL],
  ['shop_hits_total', 'hits', '', 'counter', { ...FULL, namespace: 'shop' }],
  ['my_shop_hits', 'hits', 's', 'counter', { ...PLAIN, namespace: 'my.shop' }],
  ['a__b', 'a__b', 'By', 'counter', PLAIN],
  ['http.server.duration_seconds', 'http.server.duration', 's', 'histogram', DOTS],
  ['http.hits_total', 'http.hits_total', '', 'counter', DOTS],
  ['http.hits', 'http.hits', 's', 'counter', { ...PLAIN, utf8: true }],
]

describe('metricName', () => {
  for (const [want, name, unit, type, naming] of cases) {
    test(`${type} ${name} in "${unit}" is ${want}`, () =>
      assert.equal(metricName({ name, unit }, type, naming), want))
  }
})

test('labelName makes of every key one that Prometheus takes', () => {
  assert.deepEqual(['http.method', '7up', 'a:b', 'ä'].map(labelName), [
    'http_method',
    'key_7up',
    'a_b',
    '_',
  ])
})
