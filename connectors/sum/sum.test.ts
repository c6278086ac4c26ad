import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { int, string } from '../../pipeline/data/attributes.ts'
import { type MetricBatch, traceBatch } from '../../pipeline/data/batch.ts'
import { testContext } from '../../test/support/context.ts'
import { resourceSpans, span } from '../../test/support/telemetry.ts'
import { sum } from './factory.ts'

const given = traceBatch([
  resourceSpans([
    span({ attributes: [int('bytes', 5), string('to', 'a')] }),
    span({ attributes: [string('bytes', '2.5'), string('to', 'b')] }),
    span({
      attributes: [{ key: 'bytes', value: { kind: 'double', value: 1 } }, string('to', 'a')],
    }),
    span({ attributes: [string('bytes', 'many')] }),
    span({ name: 'left out', attributes: [int('bytes', 100)] }),
  ]),
])

async function summed(settings: object): Promise<unknown> {
  const made: MetricBatch[] = []
  const next = { consume: (batch: MetricBatch) => Promise.resolve(void made.push(batch)) }
  await sum.create['traces->metrics']?.(
    testContext().ctx,
    sum.schema.parse(settings),
    next,
  ).consume(given, {})
  const metrics = made
    .flatMap((batch) => batch.resources())
    .flatMap((one) => one.scopeMetrics[0]?.metrics ?? [])
  return metrics.flatMap(({ data }) =>
    data.kind === 'sum'
      ? data.points.map(({ value }) => ('value' in value ? value.value : ''))
      : [],
  )
}

describe('sum', () => {
  const conditions = ['name != "left out"']
  test('numbers of attributes', async () => {
    assert.deepEqual(
      await summed({ spans: { n: { source_attribute: 'bytes', conditions } } }),
      [8.5],
    )
  })
  test('by attributes', async () => {
    const rule = { source_attribute: 'bytes', conditions, attributes: [{ key: 'to' }] }
    assert.deepEqual(await summed({ spans: { n: rule } }), [6, 2.5])
  })
  test('nothing to add up', async () => {
    assert.deepEqual(await summed({ spans: { n: { source_attribute: 'absent' } } }), [])
  })
  test('no attribute, or metrics, which have none: refused', () => {
    assert.throws(() => sum.schema.parse({ spans: { n: {} } }), /source_attribute/)
    assert.throws(
      () => sum.schema.parse({ metrics: { n: { source_attribute: 'a' } } }),
      /use datapoints/,
    )
  })
})
