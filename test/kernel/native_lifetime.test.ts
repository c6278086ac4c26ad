import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { RingReader } from '../../native/ring_reader.ts'
import { setLog } from '../../native/system.ts'
import { loads } from '../size.ts'
import { buildTestObjects, callOnce, loadNativeObject, programExists } from './native_object.ts'

const CHILD = new URL('./native_child.js', import.meta.url)

const WARM_UP_CYCLES = 50
const RSS_MAX_GROWTH_BYTES = 8 << 20

before(buildTestObjects)

/** The kernel frees programs a moment after the last reference is gone. */
function untilGone(ids: readonly number[]): void {
  assert.ok(ids.length > 0)
  const deadline = Date.now() + 10_000
  for (const id of ids) {
    while (programExists(id)) assert.ok(Date.now() < deadline, `program ${id} is still there`)
  }
}

describe('a process that ends with links, maps and rings open leaves nothing behind', () => {
  const rows: [end: string, status: number | null, signal: string | null][] = [
    ['end of the program', 0, null],
    ['process.exit', 0, null],
    ['uncaught error', 1, null],
    ['a signal', null, 'SIGKILL'],
    ['a use after close', 0, null],
  ]
  for (const [end, status, signal] of rows) {
    test(`by ${end}`, () => {
      const child = spawnSync(process.execPath, [fileURLToPath(CHILD), end], { encoding: 'utf8' })
      assert.deepEqual([child.status, child.signal], [status, signal], child.stderr)
      untilGone(JSON.parse(child.stdout).ids)
    })
  }
})

describe('a worker thread', () => {
  for (const end of ['termination', 'process.exit', 'end of the program']) {
    test(`by ${end} takes its own away and nothing of others`, async () => {
      const logged: string[] = []
      setLog('debug', (_level, message) => logged.push(message))
      const own = loadNativeObject()
      const before = logged.length
      const worker = new Worker(CHILD, { argv: [end] })
      const exit = once(worker, 'exit')
      const [told] = await once(worker, 'message')
      const { ids, logged: workerLogged } = JSON.parse(told)
      if (end === 'termination') assert.ok(ids.every(programExists))
      if (end === 'termination') await worker.terminate()
      else await exit
      assert.equal(logged.length, before, 'its log lines came here')
      assert.ok(workerLogged > 0 && before > 0)
      setLog('warn', () => undefined)
      untilGone(ids)

      const reader = new RingReader([own.map('one_ring')])
      new BigUint64Array(own.map('shared').memory())[0] = 8n
      own.attach('on_syscall')
      callOnce()
      assert.equal(reader.drain(Buffer.alloc(4096)), 16)
      own.close()
      reader.close()
    })
  }

  test('several at once', async () => {
    const workers = Array.from({ length: 4 }, () => new Worker(CHILD, { argv: ['process.exit'] }))
    const exits = await Promise.all(workers.map((worker) => once(worker, 'exit')))
    assert.deepEqual(exits.flat(), [0, 0, 0, 0])
  })
})

test(`${loads} loads and closes leave no memory and no file descriptor`, async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const cycle = () => {
    const object = loadNativeObject()
    const reader = new RingReader([object.map('ring_0'), object.map('ring_1')])
    new Uint8Array(object.map('shared').memory())[0] = 1
    object.attach('on_syscall')
    reader.drain(Buffer.alloc(64))
    object.close()
    reader.close()
  }
  // What the garbage collector frees, Node gives back when the event loop comes round.
  const cycles = async (count: number) => {
    for (let i = 0; i < count; i++) {
      cycle()
      await new Promise(setImmediate)
    }
  }
  const measure = () => {
    collect()
    return { rss: process.memoryUsage.rss(), fds: readdirSync('/proc/self/fd').length }
  }
  await cycles(WARM_UP_CYCLES)
  const start = measure()
  await cycles(loads)
  const end = measure()
  assert.equal(end.fds, start.fds)
  assert.ok(end.rss - start.rss < RSS_MAX_GROWTH_BYTES, `grew by ${end.rss - start.rss} bytes`)
})

test('objects that are dropped without close are closed by the garbage collector', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const ids = (() => {
    const dropped = loadNativeObject()
    dropped.map('shared').memory()
    dropped.attach('on_syscall')
    return dropped.programs().flatMap(({ id }) => (id > 0 ? [id] : []))
  })()
  assert.ok(ids.every(programExists))
  for (let i = 0; i < 10 && ids.some(programExists); i++) {
    collect()
    await new Promise(setImmediate)
  }
  untilGone(ids)
})
