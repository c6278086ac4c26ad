import assert from 'node:assert/strict'
import { openSync, readdirSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { tracesCodec } from '../../pipeline/codec/signal_codec.ts'
import { type Info, RefusedError } from '../../pipeline/component.ts'
import { scanRequest } from '../../pipeline/data/request.ts'
import { type Destination, ExporterHelper } from '../../pipeline/exporter_helper.ts'
import { FileStorage } from '../../pipeline/file_storage/file_storage.ts'
import { queueFields } from '../../pipeline/queue.ts'
import { retryFields } from '../../pipeline/retry.ts'
import { later, testContext } from '../../test/support/context.ts'
import { spans } from '../../test/support/telemetry.ts'
import { fileStorage } from './factory.ts'
import { folder } from './testing.ts'

type TraceBatch = ReturnType<typeof spans>

const ALWAYS = retryFields.parse({ initial_interval: '1ms', max_interval: '2ms' })

/** An exporter with a queue on disk, in a folder that others may have used before. */
async function exporterOn(
  t: TestContext,
  directory: string,
  send: Destination<TraceBatch>['send'],
  {
    queue = {},
    storage = {},
    retry = ALWAYS,
  }: { queue?: object; storage?: object; retry?: typeof ALWAYS } = {},
) {
  const context = testContext('otlp_http')
  const extension = new FileStorage(
    testContext('file_storage').ctx,
    fileStorage.schema.parse({ directory, ...storage }),
  )
  await extension.start()
  const ctx = {
    ...context.ctx,
    extension: (id: string) => (id === 'file_storage' ? extension : undefined),
  }
  const config = queueFields.parse({ storage: 'file_storage', ...queue })
  const helper = new ExporterHelper<TraceBatch>(
    ctx,
    'traces',
    { timeoutMs: 0, queue: config, retry },
    { send },
  )
  await helper.start()
  const stop = async (deadline = later()) => {
    await helper.shutdown(deadline)
    await extension.shutdown()
  }
  t.after(() => stop(AbortSignal.abort()))
  return { helper, stop, ...context }
}

const down: Destination<TraceBatch>['send'] = () => Promise.reject(new RefusedError('503'))

/** Keeps what is sent. */
function sink() {
  const got: TraceBatch[] = []
  const send: Destination<TraceBatch>['send'] = async (batch) => void got.push(batch)
  const names = () =>
    got.flatMap((batch) =>
      batch
        .resources()
        .flatMap((one) => one.scopeSpans.flatMap((scope) => scope.spans.map(({ name }) => name))),
    )
  return { got, send, names }
}

const from = (tenant: string): Info => ({
  client: { address: '10.0.0.1', metadata: new Map([['tenant', [tenant]]]) },
})

describe('a sending queue with storage', () => {
  test('sends what the one before it could not, in order, and then has nothing left', async (t) => {
    const directory = folder(t)
    const first = await exporterOn(t, directory, down, { queue: { num_consumers: 2 } })
    for (let i = 0; i < 5; i++) await first.helper.consume(spans(1, `batch ${i}`), {})
    await first.stop()
    assert.match(first.lines.at(-1) ?? '', /keeps batches for the next start.*"size":5/)
    assert.equal(first.count('dropped_shutdown'), 0)
    assert.equal(first.count('send_failed_spans'), 0)
    const { send, names } = sink()
    const second = await exporterOn(t, directory, send)
    assert.match(second.lines[0] ?? '', /batches from before.*"size":5/)
    await second.stop()
    assert.deepEqual(
      names(),
      [0, 1, 2, 3, 4].map((i) => `batch ${i} 0`),
    )
    assert.equal(second.count('sent_spans'), 5)
    const third = await exporterOn(t, directory, down)
    assert.deepEqual(third.lines, [])
  })

  test('leaves the bytes of a batch to the others who have it', async (t) => {
    const bytes = Buffer.from(spans(50).toProtobuf())
    const result = scanRequest(tracesCodec, bytes, () => undefined)
    assert(result.kind === 'batch')
    const { helper } = await exporterOn(t, folder(t), down)
    await helper.consume(result.batch, {})
    assert.deepEqual(Buffer.from(result.batch.toProtobuf()), Buffer.from(spans(50).toProtobuf()))
  })

  test('has no more batches in memory than are sent at once', async (t) => {
    const taken: TraceBatch[] = []
    const { helper } = await exporterOn(
      t,
      folder(t),
      (batch, signal) => {
        taken.push(batch)
        return new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason)),
        )
      },
      { queue: { num_consumers: 3 } },
    )
    for (let i = 0; i < 50; i++) await helper.consume(spans(10), {})
    assert.equal(taken.length, 3)
  })

  test('at the deadline aborts what runs, and keeps it', async (t) => {
    const directory = folder(t)
    const hangs: Destination<TraceBatch>['send'] = (_batch, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    const first = await exporterOn(t, directory, hangs)
    for (let i = 0; i < 20; i++) await first.helper.consume(spans(2), {})
    const deadline = new AbortController()
    setTimeout(() => deadline.abort(), 20)
    await first.stop(deadline.signal)
    assert.equal(first.count('dropped_shutdown'), 0)
    const { send, names } = sink()
    const second = await exporterOn(t, directory, send)
    await second.stop()
    assert.equal(names().length, 40)
  })

  test('drops what the backend refuses for good, once', async (t) => {
    const directory = folder(t)
    const first = await exporterOn(t, directory, () => Promise.reject(new Error('400')))
    await first.helper.consume(spans(3), {})
    await first.stop()
    assert.equal(first.count('dropped_permanent_error'), 3)
    const { send, names } = sink()
    await (await exporterOn(t, directory, send)).stop()
    assert.deepEqual(names(), [])
  })

  const sizers: [sizer: string, queue_size: number, size: number][] = [
    ['requests', 4, 3],
    ['items', 20, 15],
    ['bytes', 5000, spans(5).toProtobuf().length * 3],
  ]
  for (const [sizer, queue_size, size] of sizers) {
    test(`counts ${sizer} over a restart, and refuses what goes beyond`, async (t) => {
      const directory = folder(t)
      const queue = { sizer, queue_size, num_consumers: 1 }
      const first = await exporterOn(t, directory, down, { queue })
      for (let i = 0; i < 3; i++) await first.helper.consume(spans(5), {})
      await first.stop()
      const second = await exporterOn(t, directory, down, { queue: { ...queue, queue_size: size } })
      const gauges = second.counters.snapshot().filter(({ name }) => name === 'queue_size')
      assert.deepEqual(
        gauges.map(({ value }) => value),
        [size],
      )
      await assert.rejects(second.helper.consume(spans(5), {}), /sending queue is full/)
      assert.equal(second.count('enqueue_failed_spans'), 5)
    })
  }

  test('batches over a restart, apart by what the senders said', async (t) => {
    const directory = folder(t)
    const queue = {
      num_consumers: 1,
      batch: { min_size: 4, flush_timeout: '1h', partition: { metadata_keys: ['Tenant'] } },
    }
    const first = await exporterOn(t, directory, down, { queue: { num_consumers: 1 } })
    for (const tenant of ['a', 'b', 'a', 'b', 'a'])
      await first.helper.consume(spans(2, tenant), from(tenant))
    await first.stop()
    const { got, send, names } = sink()
    const second = await exporterOn(t, directory, send, { queue })
    while (got.length < 2) await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(names(), ['a 0', 'a 1', 'a 0', 'a 1', 'b 0', 'b 1', 'b 0', 'b 1'])
    await second.stop()
    assert.equal(names().length, 10)
  })

  test('divides a batch, and keeps all of it until all of it is sent', async (t) => {
    const directory = folder(t)
    let calls = 0
    const half: Destination<TraceBatch>['send'] = () =>
      calls++ === 0 ? Promise.resolve() : down(spans(0), later())
    const queue = { num_consumers: 1, batch: { min_size: 2, max_size: 2, flush_timeout: '1ms' } }
    const first = await exporterOn(t, directory, half, { queue })
    await first.helper.consume(spans(4), {})
    while (calls < 2) await new Promise((resolve) => setImmediate(resolve))
    await first.stop()
    const { send, names } = sink()
    await (await exporterOn(t, directory, send)).stop()
    assert.equal(names().length, 4)
  })

  test('a full disk refuses, says so and counts; it goes on when there is space', async (t) => {
    let isDown = true
    const { send, names } = sink()
    const { helper, stop, count, lines } = await exporterOn(
      t,
      folder(t),
      (batch, signal) => (isDown ? down(batch, signal) : send(batch, signal)),
      { storage: { max_size: 1 << 20 }, queue: { num_consumers: 1 } },
    )
    let accepted = 0
    const fill = async () => {
      for (;;) {
        await helper.consume(spans(500, `${accepted}`), {})
        accepted += 500
      }
    }
    await assert.rejects(
      fill,
      (error) => error instanceof RefusedError && /no space left/.test(error.message),
    )
    assert.equal(count('enqueue_failed_spans'), 500)
    assert(lines.some((line) => /Exporting failed\. Rejecting data\..*no space left/.test(line)))
    isDown = false
    while (count('sent_spans') < accepted) await new Promise((resolve) => setTimeout(resolve, 1))
    await helper.consume(spans(500, 'later'), {})
    await stop()
    assert.equal(names().length, accepted + 500)
  })

  test('what cannot be read any more is counted, set aside, and the rest is sent', async (t) => {
    const directory = folder(t)
    const first = await exporterOn(t, directory, down)
    for (let i = 0; i < 20; i++) await first.helper.consume(spans(500), {})
    await first.stop()
    const [name = ''] = readdirSync(directory).filter((one) => one.endsWith('.sqlite'))
    const file = openSync(join(directory, name), 'r+')
    writeSync(
      file,
      Buffer.alloc(64, 0xff),
      0,
      64,
      Math.floor(statSync(join(directory, name)).size / 2),
    )
    const { send, names } = sink()
    const second = await exporterOn(t, directory, send)
    await second.stop()
    assert.equal(second.count('dropped_storage_damaged') + names().length, 10_000)
    assert(names().length >= 9000)
    assert(second.lines.some((line) => /Stored data is damaged\. Dropping data\./.test(line)))
    assert(readdirSync(directory).some((one) => one.includes('.damaged-')))
  })

  test('starts only with a storage extension', async (t) => {
    const queue = { storage: 'file_storage/other' }
    await assert.rejects(
      exporterOn(t, folder(t), down, { queue }),
      /storage client extension "file_storage\/other" not found: is it in service::extensions\?/,
    )
  })
})
