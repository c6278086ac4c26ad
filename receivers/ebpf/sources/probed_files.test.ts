import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { BpfObject } from '../../../native/bpf_object.ts'
import { fileCandidate } from './candidates.ts'
import { crashOf, goCrashOf } from './harm.ts'
import { ProbedFiles } from './probed_files.ts'

type Inspect = (path: string) => Promise<{ readonly probes: (typeof PLACE)[] }>

const PLACE = { program: 'read', offset: 16, retprobe: false, emulated: true }

function setUp(inspect: Inspect = async () => ({ probes: [PLACE, PLACE] })) {
  const attached = new Set<number>()
  let links = 0
  const object = {
    attachUprobe: () => {
      attached.add(++links)
      return links
    },
    detach: (link: number) => attached.delete(link),
  }
  const told: string[] = []
  const files = new ProbedFiles(object as unknown as BpfObject, inspect, {
    failed: (_, error) => assert.fail(String(error)),
    costly: () => undefined,
    withdrawn: (name, why) => told.push(`${name}: ${why}`),
    late: (tgid) => told.push(`late: ${tgid}`),
  })
  const add = (name: string, tgid?: number) =>
    files.add({ key: name, path: name, name, ...(tgid === undefined ? {} : { tgid }) })
  return { files, add, attached, told }
}

test('the probes of a program that crashed leave it, and no other, and do not come back', async () => {
  const { files, add, attached, told } = setUp()
  await add('/srv/one')
  await add('/srv/two')
  files.withdraw('/srv/one', 'SIGILL')
  const why = 'not probed any more: SIGILL ended it within 10 s of its first probe'
  assert.deepEqual(told, [`/srv/one: ${why}`])
  assert.deepEqual([...attached], [3, 4])
  await add('/srv/one')
  assert.deepEqual([...attached], [3, 4])
  assert.equal(files.found().get('/srv/one')?.unread, why)
})

test('probes that are older than that stay', async (t) => {
  const { files, add, attached, told } = setUp()
  await add('/srv/one')
  const then = performance.now() + 10_001
  t.mock.method(performance, 'now', () => then)
  files.withdraw('/srv/one', 'SIGSEGV')
  assert.deepEqual([attached.size, told], [2, []])
})

test('files are left by their probes for another reason, too', async () => {
  const { files, add, attached } = setUp()
  await add('/srv/one')
  await add('/srv/two')
  assert.deepEqual(files.takeOut(['/srv/two', '/srv/three'], 'hit too often'), ['/srv/two'])
  assert.deepEqual([...attached], [1, 2])
  assert.equal(files.found().get('/srv/two')?.unread, 'not probed any more: hit too often')
  assert.deepEqual(files.takeOut(['/srv/two'], 'again'), [])
})

test('a process that has ended by then is told of, one that runs is not', async () => {
  const { add, told } = setUp()
  await add('/srv/one', process.pid)
  const ended = spawnSync('/bin/true').pid
  await add('/srv/two', ended)
  assert.deepEqual(told, [`late: ${ended}`])
})

test('a file is found by its name when the process that it was reached by has ended', async () => {
  const { files, told } = setUp(async (path) => {
    readFileSync(path)
    return { probes: [PLACE] }
  })
  const name = process.execPath
  const { key } = fileCandidate(name, name) ?? { key: '' }
  const ended = spawnSync('/bin/true').pid
  await files.add({ key, name, path: `/proc/${ended}/exe`, tgid: ended })
  assert.deepEqual([...files.found().keys()], [key])
  await files.add({ key: 'of another', name, path: `/proc/${ended}/exe`, tgid: ended })
  assert.deepEqual([...files.found().keys()], [key])
  assert.deepEqual(told, [`late: ${ended}`, `late: ${ended}`])
})

test('a program that probes harm has none', async () => {
  const { files, add, attached } = setUp()
  await add('/usr/bin/clickhouse-server')
  assert.equal(attached.size, 0)
  assert.match(files.found().get('/usr/bin/clickhouse-server')?.unread ?? '', /^never probed: /)
})

test('a crash is a signal of a fault, with or without a core; no other end is one', () => {
  const ends = [0, 1 << 8, 9, 15, 11, 11 | 0x80, 6]
  const want = ['', '', '', '', 'SIGSEGV', 'SIGSEGV', 'SIGABRT']
  assert.deepEqual(ends.map(crashOf), want)
  assert.deepEqual([2 << 8, 1 << 8, 6].map(goCrashOf), ['a panic or fault', '', 'SIGABRT'])
})
