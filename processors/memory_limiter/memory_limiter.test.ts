import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, mock, test } from 'node:test'
import { RefusedError } from '../../pipeline/component.ts'
import { testContext } from '../../test/support/context.ts'
import { spans } from '../../test/support/telemetry.ts'
import { memoryLimiter } from './factory.ts'
import { totalMemory } from './memory.ts'
import { MemoryLimiter } from './memory_limiter.ts'

describe('memory_limiter', () => {
  test('refuses above the soft limit, until a look finds less', async () => {
    mock.timers.enable({ apis: ['setInterval'] })
    const { ctx, count, lines } = testContext('memory_limiter')
    let usage = 80
    const limiter = new MemoryLimiter(
      ctx,
      'traces',
      { intervalMs: 1000, limits: { hard: 100, soft: 80 }, usage: () => usage },
      { consume: () => Promise.resolve() },
    )
    await limiter.start()
    await limiter.consume(spans(1), {})
    usage = 81
    await limiter.consume(spans(1), {})
    mock.timers.tick(1000)
    await assert.rejects(
      limiter.consume(spans(3), {}),
      (error) =>
        error instanceof RefusedError && error.message === 'data refused due to high memory usage',
    )
    usage = 10
    mock.timers.tick(1000)
    await limiter.consume(spans(1), {})
    await limiter.shutdown()
    mock.timers.reset()
    assert.equal(count('memory_limiter_accepted_spans'), 3)
    assert.equal(count('memory_limiter_refused_spans'), 3)
    assert.deepEqual(
      lines.map((line) => line.split('\t')[1]),
      [
        'Memory limiter configured',
        'Memory usage is above soft limit. Refusing data.',
        'Memory usage back within limits. Resuming normal operation.',
      ],
    )
  })

  const configs: [config: object, error: RegExp][] = [
    [{ limit_mib: 100 }, /'check_interval' must be greater than zero/],
    [{ check_interval: '1s' }, /'limit_mib' or 'limit_percentage' must be greater than zero/],
    [
      { check_interval: '1s', limit_mib: 100, spike_limit_mib: 100 },
      /'spike_limit_mib' must be smaller than 'limit_mib'/,
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
