import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import type { Attribute, Attributes } from '../../pipeline/data/attributes.ts'
import { type LogBatch, logBatch, type TraceBatch, traceBatch } from '../../pipeline/data/batch.ts'
import { testContext } from '../../test/support/context.ts'
import { logRecord, resourceLogs, resourceSpans, span } from '../../test/support/telemetry.ts'
import { probabilisticSampler } from './factory.ts'

type Values = Readonly<Record<string, string | number>>

/** What the Collector's own processor, v0.159, made of random items; null: it dropped the item. */
interface Recorded {
  readonly config: object
  readonly spans?: readonly (readonly [traceId: string, state: string, after: string | null])[]
  readonly records?: readonly (readonly [traceId: string, before: Values, after: Values | null])[]
}

const FILE = new URL(
  '../../../processors/probabilistic_sampler/testdata/collector_0.159.jsonl',
  import.meta.url,
)
const recorded = readFileSync(FILE, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded)

const { ctx } = testContext()

async function stateAfter(config: object, traceId: string, traceState: string) {
  const sent: TraceBatch[] = []
  const processor = probabilisticSampler.create.traces?.(
    ctx,
    probabilisticSampler.schema.parse(config),
    { consume: (batch) => Promise.resolve(void sent.push(batch)) },
  )
  await processor?.consume(
    traceBatch([resourceSpans([span({ traceId, traceState, attributes: [] })])]),
    {},
  )
  return sent[0]?.resources()[0]?.scopeSpans[0]?.spans[0]?.traceState ?? null
}

const attributesOf = (values: Values): Attributes =>
  Object.entries(values).map(
    ([key, value]): Attribute =>
      typeof value === 'string'
        ? { key, value: { kind: 'string', value } }
        : { key, value: { kind: 'double', value } },
  )

async function valuesAfter(config: object, traceId: string, before: Values) {
  const sent: LogBatch[] = []
  const processor = probabilisticSampler.create.logs?.(
    ctx,
    probabilisticSampler.schema.parse(config),
    { consume: (batch) => Promise.resolve(void sent.push(batch)) },
  )
  const record = logRecord('x', { traceId, attributes: attributesOf(before) })
  await processor?.consume(logBatch([resourceLogs([record])]), {})
  const after = sent[0]?.resources()[0]?.scopeLogs[0]?.logRecords[0]?.attributes
  if (after === undefined) return null
  return Object.fromEntries(after.map(({ key, value }) => [key, Object(value).value]))
}

describe("the Collector's decisions", () => {
  for (const { config, spans = [], records = [] } of recorded) {
    test(`${spans.length > 0 ? 'spans' : 'log records'} by ${JSON.stringify(config)}`, async () => {
      for (const [traceId, state, after] of spans) {
        assert.equal(await stateAfter(config, traceId, state), after, `${traceId} ${state}`)
      }
      for (const [traceId, before, after] of records) {
        const about = JSON.stringify([traceId, before])
        assert.deepEqual(await valuesAfter(config, traceId, before), after, about)
      }
    })
  }
})
