import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import { RefusedError } from '../../pipeline/component.ts'
import { collectGarbage, GcInterval } from '../../pipeline/memory_limit/collector.ts'
import { totalMemory } from '../../pipeline/memory_limit/memory.ts'
import { MemoryWatch } from '../../pipeline/memory_limit/watch.ts'
import { testContext } from '../../test/support/context.ts'
import { spans } from '../../test/support/telemetry.ts'
import { memoryLimiter } from './factory.ts'
import { MemoryLimiter } from './memory_limiter.ts'

/** A limiter of 100 bytes, 80 the soft limit, that looks only when told to. */
function limiterOf({ collect = (usage: number) => usage, soft = 0, longest = 0 } = {}) {
  let now = 0
  let usage = 80
  let collections = 0
  const context = testContext('memory_limiter', () => now)
  const interval = (minMs: number) => new GcInterval({ minMs, maxMs: longest, checkMs: 2000 })
  const watch = new MemoryWatch(context.ctx, {
    intervalMs: 2000,
    limits: { hard: 100, soft: 80 },
    soft: interval(soft),
    hard: interval(0),
    usage: () => usage,
    collect() {
      collections += 1
      usage = collect(usage)
    },
  })
  const limiter = new MemoryLimiter(context.ctx, 'traces', watch, {
    consume: () => Promise.resolve(),
  })
  const set = (bytes: number) => {
    usage = bytes
  }
  const pass = (ms: number) => {
    now += ms
  }
  return { ...context, watch, limiter, set, pass, collections: () => collections }
}

describe('memory_limiter', () => {
  test('refuses above the soft limit, until a look finds less', async () => {
    const { watch, limiter, set, count, lines, statuses } = limiterOf()
    await limiter.start()
    await limiter.consume(spans(1), {})
    set(81)
    await limiter.consume(spans(1), {})
    watch.look()
    await assert.rejects(
      limiter.consume(spans(3), {}),
      (error) =>
        error instanceof RefusedError &&
        error.message === 'data refused due to high memory usage' &&
        error.retryAfterMs === 2000,
    )
    set(10)
    watch.look()
    await limiter.consume(spans(1), {})
    await limiter.shutdown()
    assert.equal(count('memory_limiter_accepted_spans'), 3)
    assert.equal(count('memory_limiter_refused_spans'), 3)
    assert.deepEqual(
      lines.map((line) => line.split('\t')[1]),
      [
        'Memory limiter configured',
        'Memory usage is above soft limit. Forcing a GC.',
        'Memory usage after GC.',
        'Memory usage is above soft limit. Refusing data.',
        'Memory usage back within limits. Resuming normal operation.',
      ],
    )
    assert.deepEqual(
      statuses.map(({ kind }) => kind),
      ['recoverable_error', 'ok'],
    )
  })

  test('a collection that helps keeps the data coming', async () => {
    const { watch, limiter, set } = limiterOf({ collect: (usage) => usage - 20 })
    await limiter.start()
    set(90)
    watch.look()
    assert.equal(watch.refusing, false)
    await limiter.shutdown()
  })

  test('a request is refused unread if it and what is being read would go above the soft limit', async () => {
    const { limiter, set, pass } = limiterOf()
    await limiter.start()
    set(70)
    pass(51)
    assert.equal(limiter.refusal(10), undefined)
    assert.ok(limiter.refusal(11) instanceof RefusedError)
    set(60)
    assert.ok(limiter.refusal(11), 'the number is read again after 50 ms')
    pass(51)
    assert.equal(limiter.refusal(11), undefined)
    await limiter.shutdown()
  })

  test('collects garbage above the soft limit only every interval, above the hard one at each look', async () => {
    const { watch, limiter, set, pass, collections } = limiterOf({ soft: 10_000, longest: 0 })
    await limiter.start()
    const looks: [usage: number, passedMs: number, collections: number][] = [
      [90, 0, 1],
      [90, 5000, 1],
      [90, 5001, 2],
      [101, 1, 3],
      [101, 1, 4],
      [50, 1, 4],
    ]
    for (const [usage, passedMs, expected] of looks) {
      set(usage)
      pass(passedMs)
      watch.look()
      assert.equal(collections(), expected, `${usage} after ${passedMs} ms`)
    }
    await limiter.shutdown()
  })

  test('collects less and less often while it frees nothing', async () => {
    const { watch, limiter, set, pass, collections } = limiterOf({ longest: 8000 })
    await limiter.start()
    set(101)
    const at: number[] = []
    for (let second = 0; second < 30; second += 1) {
      const before = collections()
      watch.look()
      if (collections() > before) at.push(second)
      pass(1000)
    }
    assert.deepEqual(at, [0, 4, 12, 21])
    set(50)
    watch.look()
    set(101)
    watch.look()
    assert.equal(collections(), 5, 'begins anew once memory went down')
    await limiter.shutdown()
  })

  test('real garbage goes', () => {
    let garbage: unknown[] | undefined = Array.from({ length: 500_000 }, (_, i) => ({ i }))
    assert.equal(garbage.length, 500_000)
    const before = process.memoryUsage().heapUsed
    garbage = undefined
    collectGarbage()
    assert.ok(process.memoryUsage().heapUsed < before - 10_000_000)
  })

  const configs: [config: object, error: RegExp][] = [
    [{ limit_mib: 100 }, /'check_interval' must be greater than zero/],
    [{ check_interval: '1s' }, /'limit_mib' or 'limit_percentage' must be greater than zero/],
    [
      { check_interval: '1s', limit_mib: 100, spike_limit_mib: 100 },
      /'spike_limit_mib' must be smaller than 'limit_mib'/,
    ],
    [
      { check_interval: '1s', limit_mib: 9, min_gc_interval_when_hard_limited: '11s' },
      /'min_gc_interval_when_soft_limited' should be larger than 'min_gc_interval_when_hard_limited'/,
    ],
    [
      { check_interval: '1s', limit_mib: 9, max_gc_interval_when_soft_limited: '5s' },
      /'max_gc_interval_when_soft_limited' must be greater than or equal to 'min_gc_interval_when_soft_limited' \(or 0 to disable\)/,
    ],
    [
      { check_interval: '1s', limit_mib: 9, max_gc_interval_when_hard_limited: '-1s' },
      /'max_gc_interval_when_hard_limited' must be non-negative/,
    ],
    [
      { check_interval: '1s', limit_percentage: 50, spike_limit_percentage: 50 },
      /'spike_limit_percentage' must be smaller than 'limit_percentage'/,
    ],
  ]
  for (const [config, error] of configs) {
    test(`refuses ${JSON.stringify(config)}`, () =>
      assert.throws(() => memoryLimiter.schema.parse(config), error))
  }
})

describe('totalMemory', () => {
  const v2 = '0::/a.slice/b.service'
  const v1 = '5:cpu:/x\n4:memory:/docker/abc\n'
  type Row = [name: string, self: string, files: Record<string, string>, expected: number]
  const rows: Row[] = [
    ['a limit of its own cgroup, v2', v2, { 'a.slice/b.service/memory.max': '1000\n' }, 1000],
    [
      'a lower one of a parent',
      v2,
      { 'a.slice/b.service/memory.max': '3000', 'a.slice/memory.max': '2000' },
      2000,
    ],
    ['a container sees its own as the root', '0::/', { 'memory.max': '1000\n' }, 1000],
    ['no limit, v2', v2, { 'a.slice/memory.max': 'max\n' }, 5000],
    ['v1', v1, { 'memory/docker/abc/memory.limit_in_bytes': '2000\n' }, 2000],
    ['no limit, v1', v1, { 'memory/memory.limit_in_bytes': '9223372036854771712\n' }, 5000],
    ['a limit above what the host has', '0::/', { 'memory.max': '9000\n' }, 5000],
    ['no cgroup', '', {}, 5000],
  ]
  for (const [name, self, files, expected] of rows) {
    test(name, () => {
      const root = fs.mkdtempSync(path.join(os.tmpdir(), 'weir-cgroup-'))
      for (const [file, text] of Object.entries(files)) {
        fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
        fs.writeFileSync(path.join(root, file), text)
      }
      assert.equal(totalMemory({ root, self, host: 5000 }), expected)
      fs.rmSync(root, { recursive: true })
    })
  }
})
