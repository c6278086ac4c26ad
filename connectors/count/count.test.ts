import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { string } from '../../pipeline/data/attributes.ts'
import { logBatch, type MetricBatch, metricBatch, traceBatch } from '../../pipeline/data/batch.ts'
import { Temporality } from '../../pipeline/data/metrics.ts'
import { testContext } from '../../test/support/context.ts'
import {
  gauge,
  logRecord,
  resourceLogs,
  resourceMetrics,
  resourceSpans,
  span,
} from '../../test/support/telemetry.ts'
import { count } from './factory.ts'

const event = (name: string) => ({
  time: [1, 0] as const,
  name,
  attributes: [string('env', 'prod')],
  droppedAttributesCount: 0,
})

const given = {
  'traces->metrics': traceBatch([
    resourceSpans([
      span({ attributes: [string('env', 'prod')], events: [event('a'), event('b')] }),
      span({ name: 'x', attributes: [] }),
    ]),
    resourceSpans([span({ name: 'x' })], 'cart'),
  ]),
  'metrics->metrics': metricBatch([resourceMetrics([gauge('load', 3), gauge('idle', 1)])]),
  'logs->metrics': logBatch([
    resourceLogs([logRecord('a'), logRecord('b', { severityNumber: 17 })]),
  ]),
} as const

/** `name labels: value` of all that was made. */
async function counted(pair: keyof typeof given, settings: object): Promise<string[]> {
  const made: MetricBatch[] = []
  const next = { consume: (batch: MetricBatch) => Promise.resolve(void made.push(batch)) }
  const connector = count.create[pair]?.(testContext().ctx, count.schema.parse(settings), next)
  await connector?.consume(given[pair] as never, {})
  const metrics = made
    .flatMap((batch) => batch.resources())
    .flatMap((one) => one.scopeMetrics)
    .flatMap((one) => one.metrics)
  return metrics.flatMap(({ name, data }) => {
    assert(data.kind === 'sum' && data.monotonic && data.temporality === Temporality.delta)
    return data.points.map(({ attributes, value: found }) => {
      const labels = attributes.map(({ value }) => ('value' in value ? value.value : ''))
      return `${[name, ...labels].join(' ')}: ${'value' in found ? found.value : ''}`
    })
  })
}

describe('count', () => {
  const cases: [name: string, pair: keyof typeof given, settings: object, want: string[]][] = [
    [
      'spans and events, of each resource',
      'traces->metrics',
      {},
      ['trace.span.count: 2', 'trace.span.event.count: 2', 'trace.span.count: 1'],
    ],
    [
      'metrics and data points',
      'metrics->metrics',
      {},
      ['metric.count: 2', 'metric.datapoint.count: 4'],
    ],
    ['log records', 'logs->metrics', {}, ['log.record.count: 2']],
    [
      'by conditions, one of them true',
      'traces->metrics',
      {
        spans: {
          n: {
            conditions: [
              'attributes["env"] == "prod"',
              'resource.attributes["service.name"] == "cart"',
            ],
          },
        },
      },
      ['n: 1', 'trace.span.event.count: 2', 'n: 1'],
    ],
    [
      'own events, default spans',
      'traces->metrics',
      { spanevents: { e: { conditions: ['name == "a"'] } } },
      ['trace.span.count: 2', 'e: 1', 'trace.span.count: 1'],
    ],
    [
      'by attributes, what lacks one is left out',
      'traces->metrics',
      {
        spans: { n: { attributes: [{ key: 'env' }] } },
        spanevents: { e: { conditions: ['false'] } },
      },
      ['n prod: 1'],
    ],
    [
      'by attributes with a default',
      'traces->metrics',
      {
        spans: { n: { attributes: [{ key: 'env', default_value: 'none' }] } },
        spanevents: { e: { conditions: ['false'] } },
      },
      ['n prod: 1', 'n none: 1', 'n none: 1'],
    ],
    [
      'by attributes of the resource',
      'traces->metrics',
      {
        spans: { n: { attributes: [{ key: 'service.name' }] } },
        spanevents: { e: { conditions: ['false'] } },
      },
      ['n shop: 2', 'n cart: 1'],
    ],
    [
      'by severity',
      'logs->metrics',
      { logs: { errors: { conditions: ['severity_number >= SEVERITY_NUMBER_ERROR'] } } },
      ['errors: 1'],
    ],
    [
      'nothing counted: nothing sent',
      'logs->metrics',
      { logs: { n: { conditions: ['false'] } } },
      [],
    ],
  ]
  for (const [name, pair, settings, want] of cases) {
    test(name, async () => assert.deepEqual(await counted(pair, settings), want))
  }

  test('a wrong condition: refused', () => {
    assert.throws(
      () => count.schema.parse({ spans: { n: { conditions: ['nam == 1'] } } }),
      /spans condition: metric "n": conditions\[0\]: 1:1: span has no field "nam"/,
    )
  })
})
