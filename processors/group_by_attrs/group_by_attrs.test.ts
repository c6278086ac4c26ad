import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Attributes, string } from '../../pipeline/data/attributes.ts'
import { type Batch, logBatch, metricBatch, traceBatch } from '../../pipeline/data/batch.ts'
import { testContext } from '../../test/support/context.ts'
import {
  gauge,
  logRecord,
  point,
  resourceLogs,
  resourceMetrics,
  resourceSpans,
  span,
} from '../../test/support/telemetry.ts'
import { groupByAttrs } from './factory.ts'

const shown = (attributes: Attributes) =>
  attributes.map(({ key, value }) => `${key}=${'value' in value ? value.value : ''}`).join(' ')

/** Runs one batch and gives what comes out. */
async function regrouped<B extends Batch<never>>(
  signal: 'traces' | 'metrics' | 'logs',
  keys: readonly string[],
  batch: unknown,
) {
  const out: B[] = []
  const next = { consume: (one: unknown) => Promise.resolve(void out.push(one as B)) }
  const made = groupByAttrs.create[signal]?.(
    testContext().ctx,
    groupByAttrs.schema.parse({ keys }),
    next,
  )
  await made?.consume(batch as never, {})
  return out[0]
}

const of = (pod: string, name: string) =>
  span({ name, attributes: [string('pod', pod), string('x', '1')] })

async function spansBy(keys: readonly string[], batch: unknown): Promise<string[]> {
  const after = (await regrouped('traces', keys, batch)) as unknown as ReturnType<typeof traceBatch>
  return after.resources().map(({ resource, scopeSpans }) => {
    const spans = scopeSpans.flatMap((scope) => scope.spans)
    return `${shown(resource.attributes)}: ${spans.map((one) => `${one.name}(${shown(one.attributes)})`).join(' ')}`
  })
}

describe('group_by_attrs', () => {
  test('attributes move from spans to resources', async () => {
    const batch = traceBatch([resourceSpans([of('p', 'a'), of('q', 'b'), of('p', 'c')])])
    assert.deepEqual(await spansBy(['pod', 'absent'], batch), [
      'service.name=shop pod=p: a(x=1) c(x=1)',
      'service.name=shop pod=q: b(x=1)',
    ])
  })

  test('equal resources are joined, with no keys too', async () => {
    const batch = traceBatch([
      resourceSpans([span({ name: 'a', attributes: [] })]),
      resourceSpans([span({ name: 'b', attributes: [] })]),
      resourceSpans([span({ name: 'c', attributes: [] })], 'cart'),
    ])
    assert.deepEqual(await spansBy([], batch), [
      'service.name=shop: a() b()',
      'service.name=cart: c()',
    ])
    const joined = (await regrouped('traces', [], batch)) as unknown as ReturnType<
      typeof traceBatch
    >
    assert.equal(joined.resources()[0]?.scopeSpans.length, 1)
  })

  test('an attribute of the span wins over the one of its resource', async () => {
    const batch = traceBatch([
      resourceSpans([span({ name: 'a', attributes: [string('service.name', 'other')] })]),
    ])
    assert.deepEqual(await spansBy(['service.name'], batch), ['service.name=other: a()'])
  })

  test('log records', async () => {
    const batch = logBatch([
      resourceLogs([logRecord('a', { attributes: [string('pod', 'p')] }), logRecord('b')]),
    ])
    const after = (await regrouped('logs', ['pod'], batch)) as unknown as typeof batch
    assert.deepEqual(
      after.resources().map(({ resource }) => shown(resource.attributes)),
      ['service.name=shop pod=p', 'service.name=shop'],
    )
  })

  test('data points, each metric once for each resource', async () => {
    const points = ['p', 'q', 'p'].map((pod, i) => ({
      ...point(i),
      attributes: [string('pod', pod)],
    }))
    const batch = metricBatch([
      resourceMetrics([{ ...gauge('load', 0), data: { kind: 'gauge', points } }]),
    ])
    const after = (await regrouped('metrics', ['pod'], batch)) as unknown as typeof batch
    const found = after.resources().map(({ resource, scopeMetrics }) => {
      const metrics = scopeMetrics.flatMap((scope) => scope.metrics)
      return `${shown(resource.attributes)}: ${metrics.map((one) => `${one.name} ${one.data.points.length}`)}`
    })
    assert.deepEqual(found, ['service.name=shop pod=p: load 2', 'service.name=shop pod=q: load 1'])
  })
})
