import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { int, string } from '../../pipeline/data/attributes.ts'
import { logBatch, metricBatch, traceBatch } from '../../pipeline/data/batch.ts'
import {
  gauge,
  logRecord,
  point,
  resourceLogs,
  resourceMetrics,
  resourceSpans,
  span,
} from '../../test/support/telemetry.ts'
import { divideLogs, divideMetrics, divideSpans } from './divide.ts'
import type { Key } from './keys.ts'

type Config = Parameters<typeof divideSpans>[0]
const by = (routing_key: string, ...routing_attributes: string[]): Config => ({
  routing_key,
  routing_attributes,
})

/** Each key is a backend of its own here. */
const own = (key: Key): string | undefined =>
  typeof key === 'string' || key === undefined ? key : Buffer.from(key).toString('hex')

const NAMELESS = { attributes: [], droppedAttributesCount: 0 }

describe('keys', () => {
  const spans = traceBatch([
    resourceSpans([
      span({ name: 'a', kind: 2, attributes: [string('tenant', 'x'), int('n', 1)] }),
      span({ name: 'b', kind: 3, attributes: [string('tenant', 'y')] }),
    ]),
    resourceSpans([span({ name: 'c', attributes: [] })], 'web'),
  ])

  for (const [config, want] of [
    [by('traceID'), { [span().traceId]: 3 }],
    [by(''), { [span().traceId]: 3 }],
    [by('service'), { 'service.name=shop|': 2, 'service.name=web|': 1 }],
    [by('attributes', 'tenant'), { 'tenant=x|': 1, 'tenant=y|': 1, 'tenant=|': 1 }],
    [
      by('attributes', 'service.name', 'span.kind', 'span.name'),
      {
        'service.name=shop|span.kind=Server|span.name=a|': 1,
        'service.name=shop|span.kind=Client|span.name=b|': 1,
        'service.name=web|span.kind=Server|span.name=c|': 1,
      },
    ],
    [by('attributes', 'n'), { 'n=1|': 1, 'n=|': 2 }],
    [
      by('attributes', 'tenant', 'service.name'),
      {
        'tenant=x|service.name=shop|': 1,
        'tenant=y|service.name=shop|': 1,
        'tenant=|service.name=web|': 1,
      },
    ],
  ] as const) {
    test(`of spans: ${config.routing_key} ${config.routing_attributes}`, () => {
      const parts = divideSpans(config)(spans, own)
      assert.deepEqual(Object.fromEntries([...parts].map(([key, part]) => [key, part.count])), want)
    })
  }

  const labelled = (label: string) => ({ ...point(1), attributes: [string('l', label)] })
  const metric = (name: string, labels: readonly string[]) => ({
    ...gauge(name, 0),
    data: { kind: 'gauge', points: labels.map(labelled) } as const,
  })
  const metrics = metricBatch([resourceMetrics([metric('m', ['x', 'y', 'x']), metric('n', ['x'])])])

  test('of metrics: the service, the name, a label', () => {
    const counts = (config: Config) =>
      Object.fromEntries(
        [...divideMetrics(config)(metrics, own)].map(([key, part]) => [key, part.count]),
      )
    assert.deepEqual(counts(by('')), { shop: 4 })
    assert.deepEqual(counts(by('metric')), { m: 3, n: 1 })
    assert.deepEqual(counts(by('attributes', 'l')), { 'l=x|': 3, 'l=y|': 1 })
  })

  test('of streams: points of a metric part, and stay one metric', () => {
    const parts = [...divideMetrics(by('streamID'))(metrics, own).values()]
    assert.deepEqual(parts.map((part) => part.count).sort(), [1, 1, 2])
    const both = parts.find((part) => part.count === 2)?.resources()[0]?.scopeMetrics[0]?.metrics
    assert.deepEqual(
      both?.map(({ name, data }) => [name, data.points.length]),
      [['m', 2]],
    )
  })

  test('of spans without a trace, which are one, and of resources without a service', () => {
    const nowhere = traceBatch([
      { ...resourceSpans([span({ traceId: '' }), span()]), resource: NAMELESS },
    ])
    const counts = (config: Config) =>
      [...divideSpans(config)(nowhere, own)].map(([key, part]) => [key, part.count])
    assert.deepEqual(counts(by('')), [
      ['0'.repeat(32), 1],
      [span().traceId, 1],
    ])
    assert.deepEqual(counts(by('service')), [['service.name=|', 2]])
  })

  describe('of log records', () => {
    const records = [
      { ...logRecord('x'), traceId: 'ab'.repeat(16), attributes: [string('tenant', 'a')] },
      { ...logRecord('y'), traceId: '', severityText: 'WARN', attributes: [] },
    ]
    const batch = logBatch([
      resourceLogs(records),
      { ...resourceLogs([logRecord('z')]), resource: NAMELESS },
    ])
    const counts = (config: Config) =>
      Object.fromEntries([...divideLogs(config)(batch, own)].map(([key, one]) => [key, one.count]))

    test('the service, also if there is none', () => {
      assert.deepEqual(counts(by('')), { shop: 2, '': 1 })
      assert.deepEqual(counts(by('service')), { shop: 2, '': 1 })
    })

    test('the trace; those of none go anywhere', () => {
      const found = counts(by('traceID'))
      assert.equal(found['ab'.repeat(16)], 1)
      assert.equal(Object.keys(found).length, 3)
      assert(!('undefined' in found))
    })

    test('attributes, those of the resource first; severity and body', () => {
      assert.deepEqual(counts(by('attributes', 'log.body', 'service.name', 'log.severity')), {
        'service.name=shop|log.body=x|log.severity=INFO|': 1,
        'service.name=shop|log.body=y|log.severity=WARN|': 1,
        'log.body=z|service.name=|log.severity=INFO|': 1,
      })
    })
  })

  test('values that are no texts', () => {
    const attributes = [
      {
        key: 'm',
        value: {
          kind: 'kvlist',
          value: [string('b', 'x'), int('a', 1)],
        },
      } as const,
    ]
    const batch = traceBatch([resourceSpans([span({ attributes })])])
    const parts = divideSpans(by('attributes', 'm'))(batch, own)
    assert.deepEqual([...parts.keys()], ['m={"a":1,"b":"x"}|'])
  })
})
