import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Info, RefusedError } from '../../pipeline/component.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import { later, testContext } from '../../test/support/context.ts'
import { spans } from '../../test/support/telemetry.ts'
import { queuebatch } from './factory.ts'

async function processorOf(config: object, refuses = false) {
  const context = testContext('queuebatch')
  const received: { count: number; info: Info }[] = []
  const next = {
    async consume(batch: TraceBatch, info: Info) {
      if (refuses) throw new RefusedError('full')
      received.push({ count: batch.count, info })
    },
  }
  const processor = queuebatch.create.traces?.(context.ctx, queuebatch.schema.parse(config), next)
  assert(processor !== undefined)
  await processor.start()
  return { ...context, processor, received }
}

describe('queuebatch', () => {
  test('joins what comes, and hands all of it on at the end', async () => {
    const { processor, received } = await processorOf({ batch: { flush_timeout: '1h' } })
    for (let requests = 0; requests < 5; requests++) await processor.consume(spans(100), {})
    assert.deepEqual(received, [])
    await processor.shutdown(later())
    assert.deepEqual(
      received.map(({ count }) => count),
      [500],
    )
  })

  test('divides what is too large, and keeps apart what is of others', async () => {
    const partition = { metadata_keys: ['tenant'] }
    const batch = { min_size: 100, max_size: 100, flush_timeout: '1h', partition }
    const { processor, received } = await processorOf({ batch })
    const of = (tenant: string): Info => ({
      client: { address: '', metadata: new Map([['tenant', [tenant]]]) },
    })
    await processor.consume(spans(150), of('a'))
    await processor.consume(spans(20), of('b'))
    await processor.shutdown(later())
    const seen = received.map(({ count, info }) => [
      count,
      info.client?.metadata.get('tenant')?.[0],
    ])
    assert.deepEqual(seen.toSorted(), [
      [100, 'a'],
      [20, 'b'],
      [50, 'a'],
    ])
  })

  test('drops and counts what the next component refuses', async () => {
    const { processor, count } = await processorOf({}, true)
    await processor.consume(spans(7), {})
    await processor.shutdown(later())
    assert.equal(count('dropped_retry_disabled'), 7)
  })

  test('refuses a storage in its configuration', () => {
    assert.throws(
      () => queuebatch.schema.parse({ storage: 'file_storage' }),
      /this queue is in memory/,
    )
  })
})
