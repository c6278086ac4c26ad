import assert from 'node:assert/strict'
import { afterEach, describe, mock, test } from 'node:test'
import { traceBatch } from '../../pipeline/data/batch.ts'
import type { Span } from '../../pipeline/data/traces.ts'
import { later } from '../../test/support/context.ts'
import { resourceSpans, span } from '../../test/support/telemetry.ts'
import { started } from './testing.ts'

afterEach(() => mock.timers.reset())

const id = (n: number) => n.toString(16).padStart(32, '0')
const ERROR = { status: { code: 2, message: '' } }
const ALL = { policies: [{ name: 'all', type: 'always_sample' }] }
const ERRORS = {
  policies: [{ name: 'err', type: 'status_code', status_code: { status_codes: ['ERROR'] } }],
}

/** A batch with one span of trace `n`. */
const one = (n: number, more: Partial<Span> = {}) =>
  traceBatch([resourceSpans([span({ traceId: id(n), parentSpanId: 'b7ad6b7169203330', ...more })])])

type Run = ReturnType<typeof started>
const send = (run: Run, n: number, more?: Partial<Span>) => run.processor.consume(one(n, more), {})

describe('time', () => {
  test('a trace is decided as a whole, once its time has come', async () => {
    const run = started({ ...ERRORS, decision_wait: '10s' })
    await send(run, 1, { name: 'a' })
    await run.pass(5000)
    await send(run, 1, { name: 'b', ...ERROR })
    await send(run, 2)
    await run.pass(4000)
    assert.deepEqual(run.names(), [])
    await run.pass(2000)
    assert.deepEqual(run.names(), ['a', 'b'])
    assert.equal(run.count('tail_sampling_new_trace_id_received'), 2)
  })

  test('a root span brings the decision forward, never back', async () => {
    const run = started({
      ...ALL,
      decision_wait: '10s',
      decision_wait_after_root_received: '2s',
    })
    await send(run, 1, { parentSpanId: '' })
    await send(run, 2)
    await run.pass(3000)
    assert.deepEqual(run.kept(), [id(1)])
    await run.pass(6000)
    await send(run, 2, { parentSpanId: '' })
    await run.pass(2000)
    assert.deepEqual(run.kept(), [id(1), id(2)])
  })

  test('the same spans at the same times give the same decisions', async () => {
    const policies = [{ name: 'r', type: 'rate_limiting', rate_limiting: { spans_per_second: 3 } }]
    const runs: (readonly string[])[] = []
    for (let i = 0; i < 2; i++) {
      const run = started({ policies, decision_wait: '1s' })
      for (let n = 1; n <= 20; n++) {
        await send(run, n)
        await run.pass(100)
      }
      await run.pass(2000)
      runs.push(run.kept())
      mock.timers.reset()
    }
    assert.deepEqual(runs[0], runs[1])
    assert((runs[0]?.length ?? 0) > 6 && (runs[0]?.length ?? 0) < 20)
  })
})

describe('late spans', () => {
  const rows: [name: string, cache: object, counter: string][] = [
    ['without a cache', {}, ''],
    [
      'with caches',
      { sampled_cache_size: 10, non_sampled_cache_size: 10 },
      'tail_sampling_early_releases_from_cache_decision',
    ],
  ]
  for (const [name, decision_cache, counter] of rows) {
    test(`follow the decision, ${name}`, async () => {
      const run = started({ ...ERRORS, decision_wait: '1s', decision_cache })
      await send(run, 1, ERROR)
      await send(run, 2)
      await run.pass(2000)
      await send(run, 1, { name: 'late' })
      await send(run, 2, { name: 'late', ...ERROR })
      await run.pass(2000)
      assert.deepEqual(run.names(), ['GET /items', 'late'])
      assert.equal(run.count('tail_sampling_new_trace_id_received'), 2)
      if (counter !== '') assert.equal(run.count(counter), 2)
    })
  }

  test('make a trace of their own once the decision is forgotten', async () => {
    const run = started({ ...ERRORS, decision_wait: '1s', num_traces: 2 })
    await send(run, 1, ERROR)
    await run.pass(2000)
    await send(run, 2)
    await send(run, 3)
    await send(run, 1, { name: 'late' })
    await run.pass(2000)
    assert.deepEqual(run.names(), ['GET /items'])
    assert.equal(run.count('dropped_too_early'), 1)
  })

  test('a small cache forgets whom nobody asks for', async () => {
    const decision_cache = { sampled_cache_size: 2, non_sampled_cache_size: 1 }
    const run = started({ ...ERRORS, decision_wait: '1s', decision_cache })
    for (const n of [1, 2]) await send(run, n, ERROR)
    await run.pass(2000)
    await send(run, 1, { name: 'asked' })
    await send(run, 3, ERROR)
    await run.pass(2000)
    await send(run, 1, { name: 'again' })
    await send(run, 2, { name: 'forgotten' })
    await run.pass(2000)
    assert.deepEqual(
      run.names().filter((name) => name !== 'GET /items'),
      ['asked', 'again'],
    )
  })
})

describe('limits', () => {
  test('num_traces: the oldest goes undecided, and is counted', async () => {
    const run = started({ ...ALL, decision_wait: '1s', num_traces: 2 })
    for (const n of [1, 2, 3]) await send(run, n)
    await run.pass(2000)
    assert.deepEqual(run.kept(), [id(2), id(3)])
    assert.equal(run.count('dropped_too_early'), 1)
    assert.equal(run.count('tail_sampling_sampling_trace_dropped_too_early'), 1)
  })

  test('max_bytes: the same', async () => {
    const run = started({ ...ALL, decision_wait: '1s', max_bytes: '64KiB' })
    for (let n = 1; n <= 10; n++) await send(run, n, { name: 'x'.repeat(10_000) })
    await run.pass(2000)
    assert.equal(run.kept().length, 7)
    assert.equal(run.count('dropped_too_early'), 3)
  })

  test('block_on_overflow: senders wait for a decision, and nothing goes', async () => {
    const run = started({ ...ALL, decision_wait: '1s', num_traces: 2, block_on_overflow: true })
    for (const n of [1, 2]) await send(run, n)
    let taken = false
    const third = send(run, 3).then(() => {
      taken = true
    })
    await run.pass(500)
    assert.equal(taken, false)
    await run.pass(1000)
    await third
    await run.pass(2000)
    assert.deepEqual(run.kept(), [id(1), id(2), id(3)])
    assert.equal(run.count('dropped_too_early'), 0)
  })

  test('maximum_trace_size_bytes: the whole trace goes, late spans too', async () => {
    const run = started({ ...ALL, decision_wait: '1s', maximum_trace_size_bytes: 1000 })
    await send(run, 1)
    await send(run, 1, { name: 'x'.repeat(1000) })
    await send(run, 1, { name: 'late' })
    await run.pass(2000)
    assert.deepEqual(run.names(), [])
    assert.equal(run.count('tail_sampling_traces_dropped_too_large'), 1)
    assert.equal(run.count('dropped_too_large'), 2)
  })
})

describe('rates', () => {
  const keptOf = async (policy: object, sizes: readonly number[]) => {
    const run = started({ policies: [{ name: 'p', ...policy }], decision_wait: '1s' })
    for (const [n, size] of sizes.entries()) {
      const spans = Array.from({ length: size }, () => span({ traceId: id(n + 1) }))
      await run.processor.consume(traceBatch([resourceSpans(spans)]), {})
    }
    await run.pass(1100)
    mock.timers.reset()
    return run.kept().map((kept) => Number.parseInt(kept, 16))
  }
  const composite = {
    max_total_spans_per_second: 6,
    composite_sub_policy: [
      { name: 'three', type: 'span_count', span_count: { min_spans: 3 } },
      { name: 'all', type: 'always_sample' },
    ],
    rate_allocation: [{ policy: 'three', percent: 70 }],
  }
  const rows: [name: string, policy: object, sizes: number[], kept: number[]][] = [
    [
      'rate_limiting: twice the rate at once',
      { type: 'rate_limiting', rate_limiting: { spans_per_second: 2 } },
      [2, 3, 2, 1],
      [1, 3],
    ],
    [
      'rate_limiting: its own burst',
      { type: 'rate_limiting', rate_limiting: { spans_per_second: 2, burst_capacity: 7 } },
      [2, 3, 2, 1],
      [1, 2, 3],
    ],
    [
      'bytes_limiting: a trace larger than the burst never',
      { type: 'bytes_limiting', bytes_limiting: { bytes_per_second: 150 } },
      [5, 1, 1],
      [2],
    ],
    [
      'composite: the first that matches decides, in its share of the second',
      { type: 'composite', composite },
      [3, 1, 3, 1, 1, 1],
      [1, 2, 4, 5],
    ],
  ]
  for (const [name, policy, sizes, kept] of rows) {
    test(name, async () => assert.deepEqual(await keptOf(policy, sizes), kept))
  }
})

describe('the end', () => {
  test('what waits is decided', async () => {
    const run = started({ ...ERRORS, decision_wait: '1s' })
    await send(run, 1, ERROR)
    await send(run, 2)
    await run.processor.shutdown(later())
    assert.deepEqual(run.kept(), [id(1)])
  })

  test('or dropped and counted', async () => {
    const run = started({ ...ALL, decision_wait: '1s', drop_pending_traces_on_shutdown: true })
    await send(run, 1)
    await run.processor.shutdown(later())
    assert.deepEqual([run.kept(), run.count('dropped_shutdown')], [[], 1])
  })

  test('senders that wait for room are let go, their spans decided', async () => {
    const run = started({ ...ALL, num_traces: 1, block_on_overflow: true })
    await send(run, 1)
    const waiting = send(run, 2)
    await run.processor.shutdown(later())
    await waiting
    assert.deepEqual(run.kept(), [id(1), id(2)])
  })
})

test('what the next component refuses is counted', async () => {
  const run = started({ ...ALL, decision_wait: '1s' }, () => Promise.reject(new Error('full')))
  await send(run, 1)
  await run.pass(2000)
  assert.equal(run.count('dropped_sender_failed'), 1)
  assert.match(run.lines.join('\n'), /Error sending spans to destination.*full/)
})
