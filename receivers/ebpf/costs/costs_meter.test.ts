import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testContext } from '../../../test/support/context.ts'
import { CostsMeter } from './costs_meter.ts'
import { NO_CPU, type ServiceCost } from './service_costs.ts'

const cost = (service: string, change: Partial<ServiceCost>): ServiceCost => ({
  ...{ service, spans: 0, bytes: 0, bytesInSpans: 0, bytesUnread: 0, hits: 0, probesNs: 0 },
  cpu: NO_CPU,
  reasons: {},
  ...change,
})

test('sums that grow are counters, of each service', () => {
  const { ctx, counters } = testContext('ebpf')
  const meter = new CostsMeter(ctx)
  const shop = { bytes: 1000, bytesInSpans: 900, hits: 7, probesNs: 2e9, reasons: { refused: 2 } }
  meter.publish([
    cost('shop', { ...shop, cpu: { allNs: 3e9, probesNs: 2e9 } }),
    cost('cart', { cpu: { allNs: 0.5e9, probesNs: 0 } }),
  ])
  meter.publish([cost('shop', { ...shop, cpu: { allNs: 4.5e9, probesNs: 2e9 } })])
  const told = counters
    .snapshot()
    .map(({ name, labels, value }) => [name, Object.values(labels).join(' '), value])
  assert.deepEqual(told.toSorted(), [
    ['service_bytes', 'shop false', 100],
    ['service_bytes', 'shop true', 900],
    ['service_cpu', 'cart', 0.5],
    ['service_cpu', 'shop', 4.5],
    ['service_probe_cpu', 'shop', 2],
    ['service_probe_hits', 'shop', 7],
    ['service_reasons', 'shop refused', 2],
  ])
})
