import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { spanMetrics } from '../../connectors/span_metrics/factory.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import { traceBatch } from '../../pipeline/data/batch.ts'
import type { Metric } from '../../pipeline/data/metrics.ts'
import { probabilisticSampler } from '../../processors/probabilistic_sampler/factory.ts'
import { later, testContext } from '../support/context.ts'
import { resourceSpans, span } from '../support/telemetry.ts'

const SPANS = 20_000
/** Of the whole, three times what chance alone makes of a tenth. */
const MOST_OFF = 3 * Math.sqrt((1 - 0.1) / 0.1 / SPANS)

/** Trace ids whose last 56 bits are as good as random, and the same in each run. */
const idOf = (i: number) => createHash('sha256').update(String(i)).digest('hex').slice(0, 32)
const all = traceBatch([
  resourceSpans(
    Array.from({ length: SPANS }, (_, i) =>
      span({ traceId: idOf(i), status: { code: i % 4 === 0 ? 2 : 0, message: '' } }),
    ),
  ),
])

/** What goes through samplers, one after the other. */
async function sampled(...settings: readonly object[]): Promise<TraceBatch> {
  let batch = all
  for (const one of settings) {
    const kept: TraceBatch[] = []
    const config = probabilisticSampler.schema.parse(one)
    const next = { consume: (some: TraceBatch) => Promise.resolve(void kept.push(some)) }
    const sampler = probabilisticSampler.create.traces?.(testContext().ctx, config, next)
    await sampler?.consume(batch, {})
    const [first] = kept
    assert(first)
    batch = first
  }
  return batch
}

/** Calls and errors as span_metrics counts them. */
async function counted(batch: TraceBatch): Promise<{ calls: number; errors: number }> {
  const metrics: Metric[] = []
  const next = {
    consume: (made: {
      resources(): readonly { scopeMetrics: readonly { metrics: readonly Metric[] }[] }[]
    }) => {
      for (const { scopeMetrics } of made.resources())
        for (const scope of scopeMetrics) metrics.push(...scope.metrics)
      return Promise.resolve()
    },
  }
  const config = spanMetrics.schema.parse({ exclude_dimensions: ['collector.instance.id'] })
  const connector = spanMetrics.create['traces->metrics']?.(testContext().ctx, config, next)
  await connector?.consume(batch, {})
  await connector?.start()
  await connector?.shutdown(later())
  const data = metrics.find(({ name }) => name.endsWith('.calls'))?.data
  const points = data?.kind === 'sum' ? data.points : []
  const sum = (some: typeof points) =>
    some.reduce((total, { value }) => total + ('value' in value ? Number(value.value) : 0), 0)
  const isError = ({ attributes }: (typeof points)[number]) =>
    attributes.some(({ value }) => 'value' in value && value.value === 'STATUS_CODE_ERROR')
  return { calls: sum(points), errors: sum(points.filter(isError)) }
}

describe('metrics of spans that were sampled', () => {
  const rows: [name: string, settings: readonly object[]][] = [
    ['a tenth', [{ mode: 'proportional', sampling_percentage: 10 }]],
    ['a tenth, equalized', [{ mode: 'equalizing', sampling_percentage: 10 }]],
    [
      'a half and then a fifth of that',
      [
        { mode: 'proportional', sampling_percentage: 50 },
        { mode: 'proportional', sampling_percentage: 20 },
      ],
    ],
  ]
  for (const [name, settings] of rows) {
    test(`${name}: calls and errors are those of the whole`, async () => {
      const batch = await sampled(...settings)
      assert(Math.abs(batch.count / SPANS - 0.1) < 0.01, `${batch.count} were kept`)
      const { calls, errors } = await counted(batch)
      assert(Math.abs(calls / SPANS - 1) < MOST_OFF, `${calls} calls`)
      assert(Math.abs(errors / (SPANS / 4) - 1) < 2 * MOST_OFF, `${errors} errors`)
    })
  }
})
