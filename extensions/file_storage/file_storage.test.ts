import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileName } from '../../pipeline/file_storage/file_name.ts'
import { FileStorage } from '../../pipeline/file_storage/file_storage.ts'
import { StorageThread } from '../../pipeline/file_storage/storage_thread.ts'
import { StorageError } from '../../pipeline/storage.ts'
import { testContext } from '../../test/support/context.ts'
import { fileStorage } from './factory.ts'
import { body, FILE, fill, folder, OWNER, storageIn } from './testing.ts'

describe('file_storage', () => {
  const names: [id: string, name: string, file: string][] = [
    ['otlp_http', 'traces', 'exporter_otlp_http__traces.sqlite'],
    ['otlp_http/primary', 'logs', 'exporter_otlp_http_primary_logs.sqlite'],
    ['otlp/a/b~c', '', 'exporter_otlp_a~002Fb~007Ec.sqlite'],
  ]
  for (const [id, name, file] of names) {
    test(`keeps what "${id}" calls "${name}" in ${file}`, () =>
      assert.equal(fileName({ kind: 'exporter', id, name }), file))
  }

  test('gives records back in order, after a restart too', async (t) => {
    const directory = folder(t)
    await fill(t, directory, 3)
    const { extension } = await storageIn(t, directory)
    const client = await extension.storage(OWNER)
    assert.equal(client.damage, undefined)
    assert.deepEqual(await client.records(), [
      { id: 1, items: 1, bytes: 50_000 },
      { id: 2, items: 2, bytes: 50_000 },
      { id: 3, items: 3, bytes: 50_000 },
    ])
    assert.deepEqual(await client.read(2), { kind: 'record', body: body(2), meta: 'meta 2' })
    await client.discard([1, 2, 99])
    assert.equal(await client.append(4, '', body(4)), 4)
    assert.deepEqual(
      (await client.records()).map(({ id }) => id),
      [3, 4],
    )
  })

  test('keeps values by key, all changes at once, on the disk if it is told to', async (t) => {
    const { extension } = await storageIn(t, folder(t), { fsync: true })
    const client = await extension.storage(OWNER)
    await client.set([
      { key: 'a', value: body(1, 3) },
      { key: 'b', value: body(2, 3) },
    ])
    await client.set([{ key: 'a' }, { key: 'b', value: body(3, 3) }])
    assert.equal(await client.get('a'), undefined)
    assert.deepEqual(await client.get('b'), body(3, 3))
  })

  test('nobody else can read the files', async (t) => {
    const directory = folder(t)
    await fill(t, directory, 1)
    const modes = readdirSync(directory).map((name) => statSync(join(directory, name)).mode & 0o777)
    assert.deepEqual(modes, [0o600, 0o600])
  })

  test('a thread that fails is followed by another one, which knows the files', async (t) => {
    const thread = new StorageThread()
    t.after(() => thread.stop())
    const file = join(folder(t), FILE)
    await thread.open({ path: file, timeoutMs: 0, fsync: false, maxBytes: 0 })
    await thread.call('append', { file, items: 1, meta: '', body: body(1) })
    await assert.rejects(thread.call('read', null as never), StorageError)
    assert.equal((await thread.call('records', file)).length, 1)
  })

  test('each owner has a file of its own', async (t) => {
    const directory = folder(t)
    const { extension } = await storageIn(t, directory)
    const one = await extension.storage(OWNER)
    const other = await extension.storage({ ...OWNER, name: 'logs' })
    await Promise.all([one.append(1, '', body(1)), other.append(2, '', body(2))])
    assert.deepEqual(
      (await other.records()).map(({ items }) => items),
      [2],
    )
    assert.equal(readdirSync(directory).filter((name) => name.endsWith('.sqlite')).length, 2)
  })

  test('a component that opens what another one of this process closes waits for that', async (t) => {
    const { extension } = await storageIn(t, folder(t))
    const first = await extension.storage(OWNER)
    const second = extension.storage(OWNER)
    await first.append(1, '', body(1))
    await first.close()
    assert.equal((await (await second).records()).length, 1)
  })

  test('a second process on the directory is told who has it', async (t) => {
    const directory = folder(t)
    const { extension } = await storageIn(t, directory)
    await extension.storage(OWNER)
    const module = JSON.stringify(
      new URL('../../pipeline/file_storage/database.js', import.meta.url).href,
    )
    const path = JSON.stringify(join(directory, FILE))
    const script = `
      const { Database } = await import(${module})
      const { explain } = await import(${module.replace('database.js', 'stored_file.js')})
      try { new Database({ path: ${path}, timeoutMs: 10, fsync: false, maxBytes: 0 }) }
      catch (error) { console.log(explain('open', ${path}, error).message) }`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script])
    let said = ''
    child.stdout.on('data', (text) => {
      said += text
    })
    await once(child, 'close')
    assert.match(
      said,
      new RegExp(
        `exporter_otlp_http__traces.sqlite": process ${process.pid} \\(.+\\) has it open; each process`,
      ),
    )
  })

  test('max_size is an error that says so, and what is discarded makes room', async (t) => {
    const { extension } = await storageIn(t, folder(t), { max_size: 1 << 20 })
    const client = await extension.storage(OWNER)
    const ids: number[] = []
    const fillUp = async () => {
      for (;;) ids.push(await client.append(1, '', body(1)))
    }
    await assert.rejects(fillUp, (error) => error instanceof StorageError && error.fault === 'full')
    assert(ids.length > 10)
    assert.equal((await client.records()).length, ids.length)
    await client.discard(ids.slice(0, 5))
    await client.append(1, '', body(1))
  })

  test('gives space back at the start', async (t) => {
    const directory = folder(t)
    await fill(t, directory, 40)
    const { extension } = await storageIn(t, directory)
    const client = await extension.storage(OWNER)
    await client.discard(Array.from({ length: 40 }, (_, i) => i + 1))
    await client.close()
    const before = statSync(join(directory, FILE)).size
    const again = await storageIn(t, directory, {
      compaction: { on_start: true, max_transaction_size: 7 },
    })
    await again.extension.storage(OWNER)
    assert(before > 2_000_000)
    assert(statSync(join(directory, FILE)).size < 200_000)
    assert.match(again.lines[0] ?? '', /A file was made smaller/)
  })

  test('gives space back after a rebound', async (t) => {
    const directory = folder(t)
    const { extension, lines } = await storageIn(t, directory, {
      compaction: {
        on_rebound: true,
        rebound_needed_threshold_mib: 1,
        rebound_trigger_threshold_mib: 1,
        check_interval: '5ms',
      },
    })
    const client = await extension.storage(OWNER)
    const ids = await Promise.all(
      Array.from({ length: 40 }, (_, i) => client.append(1, '', body(i))),
    )
    await new Promise((resolve) => setTimeout(resolve, 50))
    await client.discard(ids)
    while (lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.match(lines[0] ?? '', /A file was made smaller/)
    assert(statSync(join(directory, FILE)).size < 200_000)
  })

  test('warns of options without effect, and of files that the Collector left', async (t) => {
    const directory = folder(t)
    writeFileSync(join(directory, 'exporter_otlp__traces'), 'bbolt')
    const { lines } = await storageIn(t, directory, {
      recreate: true,
      compaction: { directory: '/tmp', cleanup_on_start: true },
    })
    assert.deepEqual(
      lines.map((line) => line.split('\t')[1]?.split(' ')[0]),
      ['compaction::directory', 'compaction::cleanup_on_start', 'recreate', 'Files'],
    )
  })

  const starts: [name: string, directory: string, config: object, error: RegExp][] = [
    [
      'a directory that is not there',
      '/nowhere/at/all',
      {},
      /directory must exist: stat \/nowhere\/at\/all: .*create_directory/,
    ],
    ['a directory that is a file', '/proc/version', {}, /\/proc\/version is not a directory/],
  ]
  for (const [name, directory, config, error] of starts) {
    test(`refuses ${name}`, async () => {
      const { ctx } = testContext()
      const extension = new FileStorage(ctx, fileStorage.schema.parse({ directory, ...config }))
      await assert.rejects(extension.start(), error)
    })
  }

  test('creates the directory with the permissions that it is told', async (t) => {
    const directory = join(folder(t), 'a', 'b')
    await storageIn(t, directory, { create_directory: true, directory_permissions: '0700' })
    assert.equal(statSync(directory).mode & 0o777, 0o700)
  })

  const refused: [config: object, error: RegExp][] = [
    [{ directory_permissions: 'rwx' }, /must be a valid octal representation/],
    [{ directory_permissions: '7777' }, /contain invalid bits/],
    [{ compaction: { max_transaction_size: -1 } }, /cannot be less than 0/],
    [{ compaction: { on_rebound: true, check_interval: '0s' } }, /check interval must be positive/],
  ]
  for (const [config, error] of refused) {
    test(`refuses ${JSON.stringify(config)}`, () =>
      assert.throws(() => fileStorage.schema.parse(config), error))
  }
})
