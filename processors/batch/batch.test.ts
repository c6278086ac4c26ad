import assert from 'node:assert/strict'
import { describe, mock, test } from 'node:test'
import type { Info } from '../../pipeline/component.ts'
import { gate, later, testContext } from '../../test/support/context.ts'
import { points, spans } from '../../test/support/telemetry.ts'
import { BatchProcessor } from './batch.ts'
import { batch } from './factory.ts'

type TraceBatch = ReturnType<typeof spans>

interface Options {
  readonly consume?: (batch: TraceBatch) => Promise<void>
}

function processorOf(config: object, { consume }: Options = {}) {
  const context = testContext('batch')
  const sent: { count: number; info: Info }[] = []
  const processor = new BatchProcessor(context.ctx, batch.schema.parse(config), {
    consume(one: TraceBatch, info) {
      sent.push({ count: one.count, info })
      return consume?.(one) ?? Promise.resolve()
    },
  })
  return { processor, sent, counts: () => sent.map((one) => one.count), ...context }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('batch', () => {
  type Row = [name: string, config: object, arrive: number[], sent: number[], left: number[]]
  const rows: Row[] = [
    ['leaves when send_batch_size is reached', { send_batch_size: 5 }, [2, 3, 1], [5], [1]],
    ['may be larger than send_batch_size', { send_batch_size: 5 }, [4, 4], [8], []],
    [
      'is divided at send_batch_max_size, the rest waits',
      { send_batch_size: 5, send_batch_max_size: 5 },
      [12],
      [5, 5],
      [2],
    ],
    ['timeout 0 sends each as it comes', { timeout: 0 }, [1, 2], [1, 2], []],
    [
      'timeout 0 still divides',
      { timeout: 0, send_batch_size: 2, send_batch_max_size: 2 },
      [5],
      [2, 2, 1],
      [],
    ],
    ['send_batch_size 0 sends each as it comes', { send_batch_size: 0 }, [1, 2], [1, 2], []],
    ['an empty batch is nothing', { timeout: 0 }, [0], [], []],
  ]
  for (const [name, config, arrive, sent, left] of rows) {
    test(name, async () => {
      const { processor, counts } = processorOf(config)
      for (const n of arrive) await processor.consume(spans(n), {})
      await turn()
      assert.deepEqual(counts(), sent)
      await processor.shutdown(later())
      assert.deepEqual(counts(), [...sent, ...left])
    })
  }

  test('leaves when the timeout is over, not before', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    const { processor, counts, count } = processorOf({})
    await processor.consume(spans(3), {})
    mock.timers.tick(199)
    assert.deepEqual(counts(), [])
    mock.timers.tick(1)
    assert.deepEqual(counts(), [3])
    assert.equal(count('batch_timeout_trigger_send'), 1)
    mock.timers.reset()
  })

  test('counts data points, not metrics', async () => {
    const { ctx } = testContext()
    const sent: number[] = []
    const next = { consume: (one: { count: number }) => Promise.resolve(void sent.push(one.count)) }
    const processor = new BatchProcessor(
      ctx,
      batch.schema.parse({ send_batch_size: 3, send_batch_max_size: 3 }),
      next,
    )
    await processor.consume(points(7), {})
    await processor.shutdown(later())
    assert.deepEqual(sent, [3, 3, 1])
  })

  test('batches that the next one refuses are dropped, counted, and told of once a minute', async () => {
    const { processor, count, lines } = processorOf(
      { timeout: 0, send_batch_size: 1, send_batch_max_size: 1 },
      { consume: () => Promise.reject(new Error('full')) },
    )
    await processor.consume(spans(3), {})
    await processor.shutdown(later())
    assert.equal(count('dropped_sender_failed'), 3)
    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? '', /^warn\tSender failed/)
  })

  test('a slow consumer makes senders wait once a full batch is gathered', async () => {
    const slow = gate()
    const { processor, counts } = processorOf(
      { send_batch_size: 2 },
      { consume: () => slow.promise },
    )
    await processor.consume(spans(2), {})
    await processor.consume(spans(1), {})
    let done = false
    const waiting = processor.consume(spans(1), {}).then(() => {
      done = true
    })
    await turn()
    assert.equal(done, false)
    slow.open()
    await waiting
    assert.deepEqual(counts(), [2, 2])
  })

  test('at the deadline what is gathered is counted as dropped', async () => {
    const { processor, count } = processorOf(
      { send_batch_size: 2 },
      { consume: () => new Promise(() => undefined) },
    )
    await processor.consume(spans(2), {})
    await processor.consume(spans(1), {})
    const deadline = new AbortController()
    void processor.shutdown(deadline.signal)
    deadline.abort()
    assert.equal(count('dropped_shutdown'), 1)
  })
})

describe('batch by metadata', () => {
  const from = (tenant?: string): Info => ({
    client: {
      address: '10.0.0.1',
      metadata: new Map(tenant === undefined ? [] : [['tenant', [tenant]]]),
    },
  })

  test('makes a batch for each combination, and hands its metadata on', async () => {
    const { processor, sent } = processorOf({ metadata_keys: ['Tenant'] })
    for (const tenant of ['a', 'b', undefined, 'a']) await processor.consume(spans(1), from(tenant))
    await processor.shutdown(later())
    assert.deepEqual(
      sent.map(({ count, info }) => [count, info.client?.metadata.get('tenant')]),
      [
        [2, ['a']],
        [1, ['b']],
        [1, []],
      ],
    )
  })

  test('refuses one combination too many for good', async () => {
    const { processor } = processorOf({ metadata_keys: ['tenant'], metadata_cardinality_limit: 1 })
    await processor.consume(spans(1), from('a'))
    await assert.rejects(
      processor.consume(spans(1), from('b')),
      /^Error: too many batcher metadata-value combinations$/,
    )
    await processor.shutdown(later())
  })
})

describe('batch config', () => {
  const rows: [config: object, error: RegExp][] = [
    [
      { send_batch_size: 10, send_batch_max_size: 5 },
      /send_batch_max_size must be greater or equal to send_batch_size/,
    ],
    [{ timeout: '-1s' }, /timeout must be greater or equal to 0/],
    [{ metadata_keys: ['a', 'A'] }, /duplicate entry in metadata_keys: "a" \(case-insensitive\)/],
  ]
  for (const [config, error] of rows) {
    test(`refuses ${JSON.stringify(config)}`, () =>
      assert.throws(() => batch.schema.parse(config), error))
  }
})
