import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { zstdDecompressSync } from 'node:zlib'
import { logsCodec, metricsCodec, tracesCodec } from '../../pipeline/codec/signal_codec.ts'
import { RefusedError } from '../../pipeline/component.ts'
import { string } from '../../pipeline/data/attributes.ts'
import { traceBatch } from '../../pipeline/data/batch.ts'
import { readJsonRequest, scanRequest } from '../../pipeline/data/request.ts'
import { later, testContext } from '../../test/support/context.ts'
import { points, records, resourceSpans, span, spans } from '../../test/support/telemetry.ts'
import { backupName, deleteOld } from './backups.ts'
import { file } from './factory.ts'
import { groupedPath } from './grouped_path.ts'

function folder(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'weir-file-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}

/** The started exporters of one configuration. */
async function exporters(t: TestContext, config: object) {
  const context = testContext('file')
  const parsed = file.schema.parse(config)
  const [traces, metrics, logs] = [
    file.create.traces?.(context.ctx, parsed),
    file.create.metrics?.(context.ctx, parsed),
    file.create.logs?.(context.ctx, parsed),
  ]
  assert(traces && metrics && logs)
  const all = [traces, metrics, logs]
  await Promise.all(all.map((one) => one.start()))
  const stop = async () => void (await Promise.all(all.map((one) => one.shutdown(later()))))
  t.after(stop)
  return { traces, metrics, logs, stop, ...context }
}

/** Bodies after 4 bytes of length each. */
function bodies(path: string): Buffer[] {
  const bytes = readFileSync(path)
  const found: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    found.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return found
}

const linesOf = (path: string) => readFileSync(path, 'utf8').split('\n').slice(0, -1)

const noLoss = () => undefined

describe('file', () => {
  test('writes requests of all signals as lines of JSON into one file', async (t) => {
    const path = join(folder(t), 'out.json')
    const { traces, metrics, logs, stop, count } = await exporters(t, { path })
    await traces.consume(spans(2), {})
    await metrics.consume(points(3), {})
    await logs.consume(records(4), {})
    await stop()
    const [one = '', two = '', three = '', ...more] = linesOf(path)
    assert.deepEqual(more, [])
    assert.equal(one, spans(2).toJson())
    const read = [
      readJsonRequest(tracesCodec, Buffer.from(one), noLoss),
      readJsonRequest(metricsCodec, Buffer.from(two), noLoss),
      readJsonRequest(logsCodec, Buffer.from(three), noLoss),
    ]
    assert.deepEqual(
      read.map((result) => result.kind === 'batch' && result.batch.count),
      [2, 3, 4],
    )
    assert.deepEqual(
      [count('sent_spans'), count('sent_metric_points'), count('sent_log_records')],
      [2, 3, 4],
    )
  })

  test('writes protobuf after four bytes of length', async (t) => {
    const path = join(folder(t), 'out.pb')
    const { traces, stop } = await exporters(t, { path, format: 'proto' })
    for (const n of [1, 2]) await traces.consume(spans(n), {})
    await stop()
    assert.deepEqual(
      bodies(path)
        .map((body) => scanRequest(tracesCodec, body, noLoss))
        .map((one) => one.kind === 'batch' && one.batch.count),
      [1, 2],
    )
  })

  for (const format of ['json', 'proto'] as const) {
    test(`compresses each request of ${format} on its own`, async (t) => {
      const path = join(folder(t), 'out')
      const { traces, stop } = await exporters(t, { path, format, compression: 'zstd' })
      for (const n of [1, 2]) await traces.consume(spans(n), {})
      await stop()
      const plain = [1, 2].map((n) =>
        Buffer.from(format === 'json' ? spans(n).toJson() : spans(n).toProtobuf()),
      )
      assert.deepEqual(
        bodies(path).map((body) => zstdDecompressSync(body)),
        plain,
      )
    })
  }

  test('flush_interval writes what waits', async (t) => {
    const path = join(folder(t), 'out.json')
    const { traces } = await exporters(t, { path, flush_interval: '5ms' })
    await traces.consume(spans(1), {})
    while (statSync(path).size === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    assert.equal(linesOf(path).length, 1)
  })

  const starts: [append: boolean, lines: number][] = [
    [true, 2],
    [false, 1],
  ]
  for (const [append, lines] of starts) {
    test(`append: ${append} leaves ${lines} line(s) after a restart`, async (t) => {
      const path = join(folder(t), 'out.json')
      for (let i = 0; i < 2; i++) {
        const { traces, stop } = await exporters(t, { path, append })
        await traces.consume(spans(1), {})
        await stop()
      }
      assert.equal(linesOf(path).length, lines)
    })
  }

  test('rotation starts a new file, keeps so many, and loses nothing on the way', async (t) => {
    const directory = folder(t)
    const path = join(directory, 'out.json')
    const { traces, stop } = await exporters(t, {
      path,
      rotation: { max_megabytes: 1, max_backups: 2 },
    })
    const batch = spans(1000)
    const each = batch.toJson().length + 1
    const perFile = Math.floor((1 << 20) / each)
    for (let i = 0; i < perFile * 4 + 1; i++) {
      await traces.consume(batch, {})
      await new Promise((resolve) => setTimeout(resolve, i % perFile === 0 ? 2 : 0))
    }
    await stop()
    const names = readdirSync(directory).sort()
    assert.equal(names.length, 3)
    assert.match(names[0] ?? '', /^out-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}\.json$/)
    assert.deepEqual(
      names.map((name) => statSync(join(directory, name)).size / each),
      [perFile, perFile, 1],
    )
  })

  test('with rotation what is there stays at the start, and a request too large for a file is dropped', async (t) => {
    const path = join(folder(t), 'out.json')
    writeFileSync(path, 'before\n')
    const { traces, stop, count } = await exporters(t, { path, rotation: { max_megabytes: 1 } })
    await traces.consume(spans(1), {})
    await assert.rejects(
      traces.consume(spans(5000), {}),
      (error) =>
        !(error instanceof RefusedError) &&
        /more than a file may have, 1048576/.test(String(error)),
    )
    await stop()
    assert.equal(linesOf(path)[0], 'before')
    assert.equal(linesOf(path).length, 2)
    assert.equal(count('send_failed_spans'), 5000)
  })

  test('group_by writes a file for each value, and counts what has none', async (t) => {
    const directory = folder(t)
    const { traces, stop, count } = await exporters(t, {
      path: join(directory, 'logs', '*.json'),
      group_by: { enabled: true, resource_attribute: 'service.name', max_open_files: 1 },
    })
    const none = {
      ...resourceSpans([span()]),
      resource: { attributes: [string('a', 'b')], droppedAttributesCount: 0 },
    }
    for (let i = 0; i < 2; i++) {
      await traces.consume(
        traceBatch([
          resourceSpans([span()], 'one'),
          resourceSpans([span(), span()], 'two/deep'),
          none,
          resourceSpans([span()], 'one'),
        ]),
        {},
      )
    }
    await stop()
    const counts = (name: string) =>
      linesOf(join(directory, 'logs', name)).map((line) => JSON.parse(line).resourceSpans.length)
    assert.deepEqual(counts('one.json'), [2, 2])
    assert.deepEqual(counts('two/deep.json'), [1, 1])
    assert.equal(count('dropped_no_path_segment'), 2)
  })

  test('a directory that is not there is an error, unless it is to be created', async (t) => {
    const directory = folder(t)
    const path = join(directory, 'a', 'b', 'out.json')
    await assert.rejects(exporters(t, { path }), /ENOENT.*create_directory: true creates/)
    await exporters(t, { path, create_directory: true, directory_permissions: '0700' })
    assert.equal(statSync(join(directory, 'a', 'b')).mode & 0o777, 0o700)
  })

  test('a disk that takes nothing refuses, counts what was lost, and goes on', async (t) => {
    const { traces, stop, count } = await exporters(t, { path: '/dev/full', flush_interval: '1h' })
    await traces.consume(spans(2000), {}) // taken into memory, and more than stays there
    await assert.rejects(traces.consume(spans(3), {}), (error) => {
      assert(error instanceof RefusedError)
      assert.match(error.message, /write "\/dev\/full": ENOSPC/)
      return true
    })
    await stop()
    assert.equal(count('send_failed_spans'), 3)
    assert.equal(count('dropped_not_written'), 2000)
  })

  const refused: [config: object, error: RegExp][] = [
    [{}, /path must be non-empty/],
    [{ path: 'a', format: 'text' }, /format type is not supported/],
    [{ path: 'a', compression: 'gzip' }, /compression is not supported/],
    [
      { path: 'a', encoding: 'otlp_encoding' },
      /encoding "otlp_encoding": weir has no encoding extensions/,
    ],
    [
      { path: 'a', append: true, compression: 'zstd' },
      /append and compression enabled at the same time/,
    ],
    [{ path: 'a', append: true, rotation: null }, /append and rotation enabled at the same time/],
    [{ path: 'a', flush_interval: '-1s' }, /flush_interval must be larger than zero/],
    [{ path: 'a', group_by: { enabled: true } }, /path must contain exactly one \*/],
    [{ path: '*', group_by: { enabled: true } }, /path must not start with \*/],
    [
      { path: 'a/*', group_by: { enabled: true, resource_attribute: '' } },
      /resource_attribute must not be empty/,
    ],
    [{ path: 'a', directory_permissions: '0755' }, /requires create_directory/],
    [{ path: 'a', create_directory: true, directory_permissions: '9' }, /valid octal/],
    [{ path: 'a', create_directory: true, directory_permissions: '7000' }, /invalid bits/],
  ]
  for (const [config, error] of refused) {
    test(`refuses ${JSON.stringify(config)}`, () =>
      assert.throws(() => file.schema.parse(config), error))
  }
})

describe('groupedPath', () => {
  const rows: [pattern: string, segment: string, path: string][] = [
    ['/data/*.json', 'shop', '/data/shop.json'],
    ['/data/*.json', 'a/b', '/data/a/b.json'],
    ['./data-*', 'x', 'data-x'],
    ['/data/*/out', '../../etc', '/data/etc/out'],
    ['/data/*', '../../../etc/passwd', '/data/etc/passwd'],
    ['/data/*', './x', '/data/x'],
  ]
  for (const [pattern, segment, path] of rows) {
    test(`${pattern} with ${segment} is ${path}`, () =>
      assert.equal(groupedPath(pattern, segment), path))
  }
})

describe('backups', () => {
  test('are named by the time, before the ending', () => {
    const date = new Date('2022-09-14T05:02:14.173Z')
    assert.equal(backupName('/a/data.json', date, false), '/a/data-2022-09-14T05-02-14.173.json')
    assert.equal(backupName('data', date, false), 'data-2022-09-14T05-02-14.173')
  })

  test('go by number and by age, and nothing else goes', async (t) => {
    const directory = folder(t)
    const path = join(directory, 'data.json')
    const days = [1, 2, 3, 9].map((day) => new Date(Date.UTC(2022, 8, day)))
    for (const day of days) writeFileSync(backupName(path, day, false), '')
    writeFileSync(join(directory, 'data-old.json'), '')
    const now = new Date(Date.UTC(2022, 8, 10))
    await deleteOld(path, now, { maxBackups: 3, maxDays: 0, localtime: false })
    assert.equal(readdirSync(directory).length, 4)
    await deleteOld(path, now, { maxBackups: 0, maxDays: 7, localtime: false })
    assert.deepEqual(readdirSync(directory).sort(), [
      'data-2022-09-03T00-00-00.000.json',
      'data-2022-09-09T00-00-00.000.json',
      'data-old.json',
    ])
  })
})
