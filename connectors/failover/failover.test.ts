import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Consumer, RefusedError } from '../../pipeline/component.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import { testContext } from '../../test/support/context.ts'
import { spans } from '../../test/support/telemetry.ts'
import { failover } from './factory.ts'

/** A connector whose pipelines fail as `failing` says at the time, and the pipelines that took a batch. */
function made(levels: readonly (readonly string[])[]) {
  let clock = 0
  const { ctx, count } = testContext('failover', () => clock)
  const failing = new Set<string>()
  const got: string[] = []
  const next: Consumer<TraceBatch> = {
    consume: () => Promise.reject(new Error('a batch for no pipeline')),
    to(pipeline) {
      if (pipeline === 'nowhere') return undefined
      return {
        consume() {
          if (failing.has(pipeline)) return Promise.reject(new RefusedError(`${pipeline} is full`))
          got.push(pipeline)
          return Promise.resolve()
        },
      }
    },
  }
  const config = failover.schema.parse({ priority_levels: levels, retry_interval: '10s' })
  const connector = failover.create['traces->traces']?.(ctx, config, next)
  const send = async () => await connector?.consume(spans(1), {})
  const wait = (ms: number) => {
    clock += ms
  }
  return { send, wait, failing, got, count }
}

describe('failover', () => {
  test('the first level while it takes', async () => {
    const { send, got } = made([['a', 'b'], ['c']])
    await send()
    assert.deepEqual(got, ['a', 'b'])
  })

  test('the next one gets the very batch that failed, and those after it', async () => {
    const { send, got, failing, count } = made([['a'], ['b'], ['c']])
    failing.add('a').add('b')
    await send()
    failing.clear()
    await send()
    assert.deepEqual(got, ['c', 'c'])
    assert.equal(count('failures'), 2)
  })

  test('a level that failed is tried again after its time', async () => {
    const { send, wait, got, failing } = made([['a'], ['b']])
    failing.add('a')
    await send()
    wait(10_000)
    await send()
    failing.clear()
    wait(9999)
    await send()
    wait(1)
    await send()
    assert.deepEqual(got, ['b', 'b', 'b', 'a'])
  })

  test('all fail: refused, and all are tried with the next batch', async () => {
    const { send, got, failing } = made([['a'], ['b']])
    failing.add('a').add('b')
    await assert.rejects(
      send(),
      (error) => error instanceof RefusedError && /a is full; b is full/.test(error.message),
    )
    failing.delete('b')
    await send()
    assert.deepEqual(got, ['b'])
  })

  for (const [levels, want] of [
    [[], /priority levels are not configured/],
    [[[]], /a priority level has no pipelines/],
    [[['nowhere']], /pipeline "nowhere" does not have this connector/],
  ] as const) {
    test(`${JSON.stringify(levels)}: refused`, () => assert.throws(() => made(levels), want))
  }
})
