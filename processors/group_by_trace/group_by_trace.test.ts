import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type TraceBatch, traceBatch } from '../../pipeline/data/batch.ts'
import { later, testContext } from '../../test/support/context.ts'
import { resourceSpans, span } from '../../test/support/telemetry.ts'
import { groupByTrace } from './factory.ts'

const of = (trace: string, name: string) => span({ traceId: trace.padStart(32, '0'), name })

/** A processor and the names of the spans of each batch that it has handed on. */
function made(settings: object, refuse = false) {
  const { ctx, count } = testContext()
  const batches: string[] = []
  const next = {
    consume(batch: TraceBatch) {
      if (refuse) return Promise.reject(new Error('full'))
      const found = batch
        .resources()
        .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
      batches.push(found.map(({ name }) => name).join(' '))
      return Promise.resolve()
    },
  }
  const processor = groupByTrace.create.traces?.(ctx, groupByTrace.schema.parse(settings), next)
  assert(processor !== undefined)
  return { processor, batches, count }
}

describe('group_by_trace', () => {
  test('a trace out of several batches goes on as one, after its time', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { processor, batches } = made({ wait_duration: '1s' })
    await processor.consume(
      traceBatch([resourceSpans([of('1', 'a'), of('2', 'b'), of('1', 'c')])]),
      {},
    )
    t.mock.timers.tick(500)
    await processor.consume(traceBatch([resourceSpans([of('1', 'd')], 'cart')]), {})
    assert.deepEqual(batches, [])
    t.mock.timers.tick(500)
    assert.deepEqual(batches, ['a c d', 'b'])
  })

  test('what comes later is a batch of its own', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { processor, batches } = made({ wait_duration: '1s' })
    for (const name of ['a', 'b']) {
      await processor.consume(traceBatch([resourceSpans([of('1', name)])]), {})
      t.mock.timers.tick(1000)
    }
    assert.deepEqual(batches, ['a', 'b'])
  })

  test('beyond the limit the oldest trace goes on early', async () => {
    const { processor, batches, count } = made({ wait_duration: '1h', num_traces: 2 })
    await processor.consume(
      traceBatch([resourceSpans([of('1', 'a'), of('2', 'b'), of('3', 'c')])]),
      {},
    )
    assert.deepEqual(batches, ['a'])
    assert.equal(count('traces_evicted'), 1)
    await processor.shutdown(later())
    assert.deepEqual(batches, ['a', 'b', 'c'])
  })

  test('a trace that is refused is counted', async () => {
    const { processor, count } = made({ wait_duration: '1h' }, true)
    await processor.consume(traceBatch([resourceSpans([of('1', 'a'), of('1', 'b')])]), {})
    await processor.shutdown(later())
    assert.equal(count('dropped_refused'), 2)
  })

  for (const [settings, want] of [
    [{ num_workers: 0 }, /allowed is 1 or more/],
    [{ discard_orphans: true }, /not supported in this release/],
    [{ store_on_disk: true }, /not supported in this release/],
    [{ wait_duration: '-1s' }, /allowed is 0s or more/],
  ] as const) {
    test(`${JSON.stringify(settings)}: refused`, () =>
      assert.throws(() => groupByTrace.schema.parse(settings), want))
  }
})
