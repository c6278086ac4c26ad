import assert from 'node:assert/strict'
import { launch, type Weir } from '../telemetry/weir.ts'
import { freePort } from './ports.ts'

/** Of every exemplar. */
export const TRACE = '0af7651916cd43dd8448eb211c80319c'

const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } })

const RESOURCE = {
  attributes: [
    attribute('service.name', 'shop'),
    attribute('service.namespace', 'web'),
    attribute('service.instance.id', 'i-1'),
    attribute('host.name', 'node-7'),
  ],
}

/** Starts a weir, without waiting for it, that takes OTLP metrics over HTTP and gives them to one exporter. */
export async function launchMetrics(type: string, settings: object): Promise<Weir> {
  const otlp = await freePort()
  const document = {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlp}` } } } },
    exporters: { [type]: settings },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: { metrics: { receivers: ['otlp'], exporters: [type] } },
    },
  }
  return launch(document, otlp)
}

/** As OTLP/JSON, of one resource. */
export async function sendMetrics({ otlpPort }: Weir, metrics: readonly object[]): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${otlpPort}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      resourceMetrics: [{ resource: RESOURCE, scopeMetrics: [{ metrics }] }],
    }),
  })
  assert.equal(answer.status, 200)
}

/** 6 of 9.5 seconds together: 1 up to 0.5, 2 up to 2, 3 above. */
export const shopDuration = (timeUnixNano: string) => ({
  name: 'shop.duration',
  unit: 's',
  histogram: {
    aggregationTemporality: 2,
    dataPoints: [
      {
        count: '6',
        sum: 9.5,
        bucketCounts: ['1', '2', '3'],
        explicitBounds: [0.5, 2],
        timeUnixNano,
      },
    ],
  },
})

/** 8 of 20 together: 1 of zero, 3 of (1, 2], 4 of (16, 32], of which one is told. */
export const shopSizes = (timeUnixNano: string) => ({
  name: 'shop.sizes',
  exponentialHistogram: {
    aggregationTemporality: 2,
    dataPoints: [
      {
        count: '8',
        sum: 20,
        scale: 0,
        zeroCount: '1',
        positive: { offset: 0, bucketCounts: ['3', '0', '0', '0', '4'] },
        timeUnixNano,
        exemplars: [{ timeUnixNano, asDouble: 20, traceId: TRACE }],
      },
    ],
  },
})
