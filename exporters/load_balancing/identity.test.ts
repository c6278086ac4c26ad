import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { metricsCodec } from '../../pipeline/codec/signal_codec.ts'
import { string } from '../../pipeline/data/attributes.ts'
import { type Batch, metricBatch, traceBatch } from '../../pipeline/data/batch.ts'
import type { ResourceMetrics } from '../../pipeline/data/metrics.ts'
import { readJsonRequest } from '../../pipeline/data/request.ts'
import { gauge, resourceMetrics, resourceSpans, span } from '../../test/support/telemetry.ts'
import { divideMetrics, divideSpans } from './divide.ts'
import { Ring } from './ring.ts'

/** Of one metric: what internal/exp/metrics/identity of the Collector 0.159 calls it, and where its load balancer sends it. */
interface Row {
  readonly metrics: unknown
  readonly resource: string
  readonly stream: string
  readonly resourceBackend: string
  readonly streamBackend: string
}

const TESTDATA = join(import.meta.dirname, '../../../exporters/load_balancing/testdata')
const rows: readonly Row[] = JSON.parse(readFileSync(join(TESTDATA, 'identity.json'), 'utf8'))
const ring = new Ring(['gw-1:4317', 'gw-2:4317', 'gw-3:4317'])

/** The key of all that the batch has, and its backend. */
function routed(batch: Batch<ResourceMetrics>, routing_key: string) {
  const keys: unknown[] = []
  const divide = divideMetrics({ routing_key, routing_attributes: [] })
  const parts = divide(batch, (key) => {
    keys.push(key)
    return key === undefined ? undefined : ring.backendOf(key)
  })
  return { keys, backends: [...parts.keys()] }
}

describe('identities', () => {
  for (const [i, row] of rows.entries()) {
    test(`of metric ${i}: ${JSON.stringify(row.metrics).slice(31, 110)}`, () => {
      const json = Buffer.from(JSON.stringify(row.metrics))
      const read = readJsonRequest(metricsCodec, json, (reason) => assert.fail(reason))
      assert(read.kind === 'batch')
      assert.deepEqual(routed(read.batch, 'resource'), {
        keys: [row.resource],
        backends: [row.resourceBackend],
      })
      assert.deepEqual(routed(read.batch, 'streamID'), {
        keys: [row.stream],
        backends: [row.streamBackend],
      })
    })
  }

  test('a metric that two resources share has one of each', () => {
    const metrics = [gauge('m', 1)]
    const data = ['shop', 'web'].map((service) => ({
      ...resourceMetrics(metrics),
      resource: { attributes: [string('service.name', service)], droppedAttributesCount: 0 },
    }))
    const { keys } = routed(metricBatch(data), 'streamID')
    assert.equal(new Set(keys).size, 2)
  })

  test('of spans, which the Collector does not take, are the same', () => {
    const { resource } = resourceSpans([], 'shop')
    const spans = traceBatch([resourceSpans([span()], 'shop')])
    const divide = divideSpans({ routing_key: 'resource', routing_attributes: [] })
    const keys: unknown[] = []
    divide(spans, (key) => {
      keys.push(key)
      return 'a'
    })
    assert.deepEqual(resource.attributes, [string('service.name', 'shop')])
    assert.deepEqual(keys, [rows[1]?.resource])
  })
})
