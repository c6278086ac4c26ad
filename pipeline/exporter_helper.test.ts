import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { gate, later, testContext } from '../test/support/context.ts'
import { spans } from '../test/support/telemetry.ts'
import { RefusedError } from './component.ts'
import { type Destination, ExporterHelper, type HelperOptions } from './exporter_helper.ts'
import { StatusError } from './net/grpc_status.ts'
import { queueFields } from './queue.ts'
import { retryFields } from './retry.ts'

type TraceBatch = ReturnType<typeof spans>

const CLOSED = new Error('socket closed')
const NO_RETRY = retryFields.parse({ enabled: false })

function helperOf(send: Destination<TraceBatch>['send'], options: Partial<HelperOptions> = {}) {
  const context = testContext('otlp_http/primary')
  const helper = new ExporterHelper<TraceBatch>(
    context.ctx,
    'traces',
    { timeoutMs: 0, queue: queueFields.parse({}), retry: NO_RETRY, ...options },
    { send },
  )
  return { helper, ...context }
}

describe('ExporterHelper', () => {
  test('counts what was sent', async () => {
    const { helper, count } = helperOf(() => Promise.resolve())
    await helper.consume(spans(3), {})
    await helper.shutdown(later())
    assert.equal(count('sent_spans'), 3)
    assert.equal(count('send_failed_spans'), 0)
  })

  test('sends nothing for an empty batch', async () => {
    const { helper } = helperOf(() => Promise.reject(new Error('never called')), {
      queue: undefined,
    })
    await helper.consume(spans(0), {})
  })

  test('counts a drop from the queue by its reason, and says it once a minute', async () => {
    const { helper, count, lines } = helperOf(() => Promise.reject(new Error('400: bad')))
    await helper.consume(spans(2), {})
    await helper.consume(spans(3), {})
    await helper.shutdown(later())
    assert.equal(count('send_failed_spans'), 5)
    assert.equal(count('dropped_permanent_error'), 5)
    assert.equal(count('sent_spans'), 0)
    assert.deepEqual(lines, [
      'error\tExporting failed. Dropping data. Try enabling retry_on_failure config option to retry on retryable errors.\t{"error":"not retryable error: 400: bad","dropped_items":2,"reason":"permanent_error"}',
    ])
  })

  type Failure = [why: string, send: () => Promise<void>, type: string, permanent: string]
  const failures: Failure[] = [
    [
      'a status',
      () => Promise.reject(new StatusError({ code: 3, message: '' })),
      'InvalidArgument',
      'true',
    ],
    [
      'a status that may be better later',
      () =>
        Promise.reject(new RefusedError('', { cause: new StatusError({ code: 14, message: '' }) })),
      'Unavailable',
      'false',
    ],
    ['no answer in time', () => new Promise(() => undefined), 'Deadline_Exceeded', 'false'],
    ['anything else', () => Promise.reject(new Error('broken')), '_OTHER', 'true'],
  ]
  for (const [why, send, type, permanent] of failures) {
    test(`says of what is lost why: ${why}`, async () => {
      const stuck = (_: unknown, signal: AbortSignal) =>
        Promise.race([send(), once(signal, 'abort').then(() => Promise.reject(CLOSED))])
      const { helper, counters } = helperOf(stuck, { timeoutMs: 20 })
      await helper.consume(spans(2), {})
      await helper.shutdown(later())
      const failed = counters.snapshot().find(({ name }) => name === 'send_failed_spans')
      assert.deepEqual(failed?.labels, { 'error.type': type, 'error.permanent': permanent })
    })
  }

  test('without a queue the sender gets the error as it was', async () => {
    const refusal = new RefusedError('503')
    const { helper, count, lines } = helperOf(() => Promise.reject(refusal), { queue: undefined })
    await assert.rejects(helper.consume(spans(2), {}), refusal)
    assert.equal(count('send_failed_spans'), 2)
    assert.equal(count('dropped_retry_disabled'), 0)
    assert.match(
      lines[0] ?? '',
      /Exporting failed\. Rejecting data\. Try enabling retry_on_failure .* Try enabling sending_queue to survive temporary failures\..*"rejected_items":2/,
    )
  })

  test('counts what the full queue refused', async () => {
    const { helper, count, lines } = helperOf(() => new Promise(() => undefined), {
      queue: queueFields.parse({ queue_size: 1 }),
      retry: retryFields.parse({}),
    })
    await helper.consume(spans(2), {})
    await assert.rejects(helper.consume(spans(3), {}), RefusedError)
    assert.equal(count('enqueue_failed_spans'), 3)
    assert.match(lines[0] ?? '', /Exporting failed\. Rejecting data\.\t.*sending queue is full/)
  })

  test('an attempt that takes too long is aborted and tried again', async () => {
    let attempts = 0
    const { helper, count } = helperOf(
      (_batch, signal) => {
        attempts += 1
        if (attempts > 1) return Promise.resolve()
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('socket closed')))
        })
      },
      {
        timeoutMs: 1,
        queue: undefined,
        retry: retryFields.parse({ initial_interval: '1ms' }),
      },
    )
    await helper.consume(spans(1), {})
    assert.equal(attempts, 2)
    assert.equal(count('sent_spans'), 1)
  })

  test('shutdown ends waits for a retry: the batch is dropped and counted', async () => {
    const { helper, count, statuses } = helperOf(() => Promise.reject(new RefusedError('503')), {
      retry: retryFields.parse({}),
    })
    await helper.consume(spans(4), {})
    while (statuses.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await helper.shutdown(later())
    assert.equal(count('dropped_shutdown'), 4)
    assert.equal(count('send_failed_spans'), 4)
  })

  test('at the deadline the attempt that runs is aborted, and all that is left is counted', async () => {
    const started = gate()
    const { helper, count } = helperOf(
      (_batch, signal) => {
        started.open()
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('socket closed')))
        })
      },
      { queue: queueFields.parse({ num_consumers: 1 }), retry: retryFields.parse({}) },
    )
    await helper.consume(spans(1), {})
    await helper.consume(spans(2), {})
    await started.promise
    const deadline = new AbortController()
    const stopped = helper.shutdown(deadline.signal)
    deadline.abort()
    await stopped
    assert.equal(count('dropped_shutdown'), 3)
  })

  test('shows its queue', async () => {
    const { helper, counters } = helperOf(() => new Promise(() => undefined))
    await helper.consume(spans(1), {})
    const gauges = counters.snapshot().filter((one) => one.kind === 'gauge')
    assert.deepEqual(
      gauges.map(({ name, value }) => [name, value]),
      [
        ['queue_size', 1],
        ['queue_capacity', 1000],
        ['in_flight_requests', 1],
      ],
    )
  })
})
