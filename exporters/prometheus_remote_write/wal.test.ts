import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { later } from '../../test/support/context.ts'
import { backend } from '../../test/support/http_backend.ts'
import { gauge } from '../../test/support/telemetry.ts'
import { decodeRequest, exporterTo, refuse, SOON } from './testing.ts'

function folder(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'weir-wal-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}

describe('wal', () => {
  test('what a backend did not take is sent in order after a restart', async (t) => {
    const directory = join(folder(t), 'made')
    const options = { ...SOON, wal: { directory, truncate_frequency: '1s' } }
    const down = await backend(t, refuse(503))
    const before = await exporterTo(t, down.url, options)
    for (const value of [1, 2, 3]) await before.send(gauge(`load.${value}`, 1))
    await before.exporter.shutdown(later())
    assert.equal(before.count('sent_metric_points'), 0)
    assert.equal(before.count('send_failed_metric_points'), 0)
    assert(readdirSync(directory).includes('exporter_prometheus_remote_write__metrics.sqlite'))

    const all = Promise.withResolvers<void>()
    const names: string[] = []
    const up = await backend(t, ({ body }, response) => {
      names.push(...decodeRequest(body).names)
      response.end()
      if (names.length === 3) all.resolve()
    })
    const after = await exporterTo(t, up.url, options)
    await all.promise
    assert.deepEqual(names, ['load_1_ratio', 'load_2_ratio', 'load_3_ratio'])
    await after.exporter.shutdown(later())
    assert.equal(after.count('sent_metric_points'), 3)
  })

  test('buffer_size is said to be without effect', async (t) => {
    const { exporter, lines } = await exporterTo(t, 'http://127.0.0.1:1', {
      wal: { directory: folder(t), buffer_size: 10 },
    })
    await exporter.shutdown(later())
    assert(lines.some((line) => /without effect .*wal::buffer_size/.test(line)))
  })

  test('a directory that cannot be made is an error at start', async (t) => {
    const file = join(folder(t), 'file')
    writeFileSync(file, '')
    const wal = { directory: join(file, 'below') }
    await assert.rejects(exporterTo(t, 'http://127.0.0.1:1', { wal }), /ENOTDIR/)
  })
})
