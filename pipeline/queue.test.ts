import assert from 'node:assert/strict'
import { describe, mock, test } from 'node:test'
import { gate, later } from '../test/support/context.ts'
import { spans } from '../test/support/telemetry.ts'
import { RefusedError } from './component.ts'
import { type QueueConfig, queueFields, SendingQueue } from './queue.ts'
import { GaveUpError } from './retry.ts'

type TraceBatch = ReturnType<typeof spans>

const DEFAULTS = queueFields.parse({}) as QueueConfig

/** A queue whose sends end when the test says so. */
function queueOf(config: Partial<QueueConfig> = {}) {
  const sends: { batch: TraceBatch; gate: ReturnType<typeof gate> }[] = []
  const dropped: TraceBatch[] = []
  const queue = new SendingQueue<TraceBatch>(
    { ...DEFAULTS, ...config },
    (batch) => {
      const one = { batch, gate: gate() }
      sends.push(one)
      return one.gate.promise
    },
    (batch) => dropped.push(batch),
  )
  return { queue, sends, dropped }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('SendingQueue', () => {
  test('sends num_consumers batches at a time, in order', async () => {
    const { queue, sends } = queueOf({ num_consumers: 2 })
    const batches = [spans(1), spans(2), spans(3)]
    for (const batch of batches) await queue.offer(batch)
    assert.deepEqual(
      sends.map((one) => one.batch.count),
      [1, 2],
    )
    sends[0]?.gate.open()
    await turn()
    assert.deepEqual(
      sends.map((one) => one.batch.count),
      [1, 2, 3],
    )
  })

  const sizers: [sizer: QueueConfig['sizer'], size: number, fits: number][] = [
    ['requests', 2, 2],
    ['items', 7, 2],
    ['bytes', spans(3).toProtobuf().length * 2 + 1, 2],
  ]
  for (const [sizer, queue_size, fits] of sizers) {
    test(`counts ${sizer} and refuses what goes beyond queue_size`, async () => {
      const { queue } = queueOf({ sizer, queue_size })
      for (let i = 0; i < fits; i++) await queue.offer(spans(3))
      await assert.rejects(
        queue.offer(spans(3)),
        (error) => error instanceof RefusedError && error.message === 'sending queue is full',
      )
    })
  }

  test('what is under way keeps its room until it is done', async () => {
    const { queue, sends } = queueOf({ queue_size: 1 })
    await queue.offer(spans(1))
    assert.equal(queue.size, 1)
    sends[0]?.gate.open()
    await turn()
    assert.equal(queue.size, 0)
  })

  test('a batch larger than the whole queue is no refusal: trying again is pointless', async () => {
    const { queue } = queueOf({ sizer: 'items', queue_size: 5 })
    await assert.rejects(queue.offer(spans(6)), (error) => !(error instanceof RefusedError))
  })

  test('block_on_overflow waits for room', async () => {
    const { queue, sends } = queueOf({ queue_size: 1, block_on_overflow: true })
    await queue.offer(spans(1))
    const second = queue.offer(spans(2))
    await turn()
    assert.equal(sends.length, 1)
    sends[0]?.gate.open()
    await second
    assert.equal(sends[1]?.batch.count, 2)
  })

  test('block_on_overflow ends when the sender goes away', async () => {
    const { queue } = queueOf({ queue_size: 1, block_on_overflow: true })
    await queue.offer(spans(1))
    const sender = new AbortController()
    const second = queue.offer(spans(2), { signal: sender.signal })
    sender.abort()
    await assert.rejects(second, RefusedError)
  })

  test('wait_for_result gives the result of the send', async () => {
    const { queue, sends } = queueOf({ wait_for_result: true })
    const good = queue.offer(spans(1))
    const bad = queue.offer(spans(2))
    sends[0]?.gate.open()
    sends[1]?.gate.fail(new Error('no'))
    await good
    await assert.rejects(bad, /no/)
  })

  test('drain sends what is left, and takes nothing more', async () => {
    const { queue, sends, dropped } = queueOf({ num_consumers: 1 })
    await queue.offer(spans(1))
    await queue.offer(spans(2))
    const drained = queue.drain(later())
    await assert.rejects(queue.offer(spans(3)), RefusedError)
    sends[0]?.gate.open()
    await turn()
    sends[1]?.gate.open()
    await drained
    assert.deepEqual(dropped, [])
  })

  test('at the deadline what is left is given back, each batch once', async () => {
    const { queue, sends, dropped } = queueOf({ num_consumers: 1, wait_for_result: true })
    const offers = [queue.offer(spans(1)), queue.offer(spans(2)), queue.offer(spans(3))]
    const deadline = new AbortController()
    const drained = queue.drain(deadline.signal)
    deadline.abort()
    sends[0]?.gate.open()
    await drained
    assert.deepEqual(
      dropped.map((batch) => batch.count),
      [2, 3],
    )
    const results = await Promise.allSettled(offers)
    assert.deepEqual(
      results.map((one) => one.status),
      ['fulfilled', 'rejected', 'rejected'],
    )
    assert(results[1]?.status === 'rejected' && results[1].reason instanceof GaveUpError)
  })
})

describe('SendingQueue with batch', () => {
  const sizesOf = (sends: { batch: TraceBatch }[]) => sends.map((one) => one.batch.count)
  const batched = (batch: object, more: object = {}) =>
    queueFields.parse({ sizer: 'items', queue_size: 100, ...more, batch }) as QueueConfig

  type Row = [name: string, batch: object, offers: number[], sent: number[], left: number[]]
  const rows: Row[] = [
    ['joins up to min_size', { min_size: 5 }, [2, 3, 1], [5], [1]],
    ['divides at max_size, the rest waits', { min_size: 4, max_size: 4 }, [3, 6], [4, 4], [1]],
    ['min_size 0 sends each', { min_size: 0 }, [1, 2], [1, 2], []],
    ['divides one that is much too large', { min_size: 2, max_size: 2 }, [7], [2, 2, 2], [1]],
  ]
  for (const [name, batch, offers, sent, left] of rows) {
    test(name, async () => {
      const { queue, sends } = queueOf(batched(batch))
      for (const n of offers) await queue.offer(spans(n))
      assert.deepEqual(sizesOf(sends), sent)
      const drained = queue.drain(later())
      await turn()
      assert.deepEqual(sizesOf(sends), [...sent, ...left])
      for (const one of sends) one.gate.open()
      await drained
    })
  }

  test('divides by bytes as near as items allow', async () => {
    const one = spans(1).toProtobuf().length
    const { queue, sends } = queueOf(
      batched({ sizer: 'bytes', min_size: one, max_size: one * 2 }, { sizer: 'requests' }),
    )
    await queue.offer(spans(5))
    for (const { batch } of sends) assert(batch.toProtobuf().length <= one * 2)
    assert.equal(
      sizesOf(sends).reduce((sum, n) => sum + n, 0),
      5,
    )
  })

  test('flush_timeout sends what is there', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    const { queue, sends } = queueOf(batched({ min_size: 50 }))
    await queue.offer(spans(3))
    mock.timers.tick(199)
    assert.deepEqual(sizesOf(sends), [])
    mock.timers.tick(1)
    assert.deepEqual(sizesOf(sends), [3])
    mock.timers.reset()
  })

  test('a sender waits for all requests that hold a part of its batch', async () => {
    const { queue, sends } = queueOf(
      batched({ min_size: 4, max_size: 4 }, { wait_for_result: true }),
    )
    const small = queue.offer(spans(2))
    const large = queue.offer(spans(6))
    assert.deepEqual(sizesOf(sends), [4, 4])
    sends[0]?.gate.open()
    await small
    assert.equal(queue.size, 6)
    sends[1]?.gate.fail(new Error('no'))
    await assert.rejects(large, /no/)
    assert.equal(queue.size, 0)
  })

  test('what has other metadata goes apart', async () => {
    const { queue, sends } = queueOf(
      batched({ min_size: 4, partition: { metadata_keys: ['Tenant'] } }),
    )
    for (const tenant of ['a', 'b', 'a']) {
      const metadata = new Map([['tenant', [tenant]]])
      await queue.offer(spans(2), { client: { address: '', metadata } })
    }
    assert.deepEqual(sizesOf(sends), [4])
  })

  const refused: [config: object, error: RegExp][] = [
    [{ sizer: 'items', batch: {} }, /`min_size` must be less than or equal to `queue_size`/],
    [
      { batch: { min_size: 10, max_size: 5 } },
      /`max_size` \(5\) must be greater or equal to `min_size` \(10\)/,
    ],
    [{ batch: { sizer: 'requests' } }, /`batch` supports only `items` or `bytes` sizer/],
    [{ batch: { flush_timeout: 0 } }, /`flush_timeout` must be positive/],
    [
      { batch: { partition: { metadata_keys: ['Tenant', 'tenant'] } } },
      /duplicate entry in metadata_keys: "tenant" \(case-insensitive\)/,
    ],
    [
      { storage: 'file_storage', wait_for_result: true },
      /`wait_for_result` is not supported with a persistent queue configured with `storage`/,
    ],
  ]
  for (const [config, error] of refused) {
    test(`refuses ${JSON.stringify(config)}`, () =>
      assert.throws(() => queueFields.parse(config), error))
  }
})

describe('queueFields', () => {
  test('is on with defaults when missing, off with enabled: false', () => {
    assert.equal(queueFields.parse(undefined)?.queue_size, 1000)
    assert.equal(queueFields.parse({ enabled: false, queue_size: -1 }), undefined)
  })

  test('refuses sizes that make no queue', () => {
    assert.throws(() => queueFields.parse({ queue_size: 0 }), /`queue_size` must be positive/)
    assert.throws(() => queueFields.parse({ num_consumers: 0 }), /`num_consumers` must be positive/)
  })
})
