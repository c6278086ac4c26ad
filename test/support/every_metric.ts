import { string } from '../../pipeline/data/attributes.ts'
import { type Metric, type ResourceMetrics, Temporality } from '../../pipeline/data/metrics.ts'
import { point, resourceMetrics } from './telemetry.ts'

/** One of each kind, with all that Prometheus takes of it. */
export const EVERY_KIND: readonly Metric[] = [
  {
    name: 'disk.io',
    description: 'Read and written',
    unit: 'By',
    metadata: [],
    data: {
      kind: 'sum',
      monotonic: true,
      temporality: Temporality.cumulative,
      points: [
        {
          ...point(7),
          attributes: [string('disk.direction', 'read "all"')],
          exemplars: [
            {
              filteredAttributes: [],
              time: [1_700_000_000, 500_000_000],
              value: { kind: 'int', value: 3 },
              traceId: '0af7651916cd43dd8448eb211c80319c',
              spanId: 'b7ad6b7169203331',
            },
          ],
        },
      ],
    },
  },
  {
    name: 'cpu.utilization',
    description: '',
    unit: '1',
    metadata: [],
    data: { kind: 'gauge', points: [{ ...point(0), value: { kind: 'double', value: 0.25 } }] },
  },
  {
    name: 'request.duration',
    description: 'Of requests',
    unit: 's',
    metadata: [],
    data: {
      kind: 'histogram',
      temporality: Temporality.cumulative,
      points: [
        {
          ...point(0),
          count: 6,
          sum: 9.5,
          min: undefined,
          max: undefined,
          bucketCounts: [1, 2, 3],
          explicitBounds: [0.5, 2],
          exemplars: [
            {
              filteredAttributes: [],
              time: [1_700_000_000, 0],
              value: { kind: 'double', value: 1.5 },
              traceId: '0af7651916cd43dd8448eb211c80319c',
              spanId: '',
            },
          ],
        },
      ],
    },
  },
  {
    name: 'gc.pause',
    description: '',
    unit: 'ms',
    metadata: [],
    data: {
      kind: 'summary',
      points: [{ ...point(0), count: 4, sum: 10, quantiles: [{ quantile: 0.99, value: 5 }] }],
    },
  },
  {
    name: 'sizes',
    description: '',
    unit: '',
    metadata: [],
    data: {
      kind: 'exponential_histogram',
      temporality: Temporality.cumulative,
      points: [
        {
          ...point(0),
          count: 5,
          sum: 12,
          min: undefined,
          max: undefined,
          scale: 0,
          zeroCount: 1,
          zeroThreshold: 0,
          positive: { offset: 0, bucketCounts: [1, 3] },
          negative: undefined,
          exemplars: [],
        },
      ],
    },
  },
]

/** Metrics of a resource that says much of itself. */
export const edge = (metrics: readonly Metric[]): ResourceMetrics => ({
  ...resourceMetrics(metrics),
  resource: {
    droppedAttributesCount: 0,
    attributes: [
      string('service.name', 'shop'),
      string('service.namespace', 'web'),
      string('service.instance.id', 'i-1'),
      string('host.name', 'node-7'),
    ],
  },
})
