import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { Decisions } from './decisions.ts'
import { Descriptions } from './description.ts'
import type { KnownProcess, Process } from './process.ts'
import { ProcessTable } from './process_table.ts'
import { type InstrumentEntry, Selection } from './selection.ts'
import { processOf } from './testing.ts'

const SECOND = 1e9

function setUp(instrument: readonly InstrumentEntry[] = []) {
  const memory = new ArrayBuffer(1 << 20)
  const time = { ns: 0 }
  const counts: string[] = []
  const table = new ProcessTable({
    selection: new Selection({ instrument }, 1),
    decisions: new Decisions(memory),
    descriptions: new Descriptions(),
    epochBootNs: 0n,
    nowNs: () => time.ns,
    count: (reason) => {
      assert.equal(reason, 'process_unknown')
      counts.push(reason)
    },
  })
  const words = new BigUint64Array(memory)
  const shiftOf = (tgid: number) => BigInt((tgid & 31) * 2)
  /** As the kernel reads it. */
  const isRejected = (tgid: number) => (((words[tgid >> 5] ?? 0n) >> shiftOf(tgid)) & 3n) === 1n
  /** As the kernel does when an undecided process executes a program. */
  const execute = (tgid: number) => {
    words[tgid >> 5] = (words[tgid >> 5] ?? 0n) + (2n << shiftOf(tgid))
  }
  return { table, time, counts, isRejected, execute }
}

// Above every pid_max: find() must not find them in /proc.
const PARENT = 4_194_400
const CHILD = 4_194_401
const shell: Process = processOf({
  tgid: PARENT,
  comm: 'sh',
  exePath: '/bin/sh',
  args: ['sh'],
  env: new Map([['OTEL_SERVICE_NAME', 'job']]),
})
test('what no record told is read from /proc', async () => {
  const { table } = setUp()
  table.executed(shell)
  const child = spawn('sleep', ['1000'])
  await once(child, 'spawn')
  const tgid = child.pid ?? 0
  const tells = () => table.rescan().map((process) => process.tgid)
  assert.ok(tells().includes(tgid), 'a process that nobody knew')
  assert.deepEqual(
    [...table].map(({ process }) => process.tgid).filter((one) => [tgid, PARENT].includes(one)),
    [tgid],
  )
  child.kill()
  await once(child, 'exit')
  assert.ok(!tells().includes(tgid))
})

const curl: Process = { ...shell, tgid: CHILD, parent: PARENT, comm: 'curl', exePath: '/bin/curl' }

describe('ProcessTable', () => {
  test('a worker of multiprocessing is known by who made it, and its own children are', () => {
    const { table } = setUp()
    const args = ['python3', '-c', 'from multiprocessing.spawn import spawn_main; spawn_main()']
    table.executed(shell)
    const worker = table.executed({ ...curl, args: [...args, '--multiprocessing-fork'] })
    assert.equal(worker.maker, shell)
    table.forked(CHILD + 1, CHILD, 0)
    assert.equal(table.find(CHILD + 1)?.maker, shell)
    assert.equal(table.executed(curl).maker, undefined)
  })

  test('judges what ended unknown by its id alone, once', () => {
    const { table, time, counts } = setUp([{ exePath: /nginx$/ }])
    assert.equal(table.judged(CHILD).decision.selected, false)
    assert.equal(table.judged(CHILD), table.find(CHILD))
    assert.deepEqual(counts, ['process_unknown'])
    time.ns = 6 * SECOND
    table.tidy(time.ns)
    assert.equal(table.find(CHILD), undefined)
    assert.ok(setUp().table.judged(CHILD).decision.selected)
    assert.ok(setUp([{ targetPids: [CHILD] }]).table.judged(CHILD).decision.selected)
  })

  test('knows a process that lived 5 ms after it has ended', () => {
    const { table, time } = setUp()
    table.executed(shell)
    table.forked(CHILD, PARENT, 1)
    assert.equal(table.find(CHILD)?.process.exePath, '/bin/sh')
    assert.equal(table.find(CHILD)?.forked, true)
    table.executed(curl)
    table.exited(CHILD)
    time.ns = 4 * SECOND
    table.tidy(time.ns)
    assert.equal(table.find(CHILD)?.process.exePath, '/bin/curl')
    time.ns = 6 * SECOND
    table.tidy(time.ns)
    assert.equal(table.find(CHILD), undefined)
  })

  test('what runs, and what is remembered besides', () => {
    const { table, time } = setUp()
    const tgids = (known: Iterable<KnownProcess>) => [...known].map(({ process }) => process.tgid)
    table.executed(shell)
    table.executed(curl)
    table.exited(CHILD)
    assert.deepEqual(tgids(table), [PARENT])
    assert.deepEqual(tgids(table.remembered()), [PARENT, CHILD])
    time.ns = 6 * SECOND
    table.tidy(time.ns)
    assert.deepEqual(tgids(table.remembered()), [PARENT])
  })

  test('knows who ended while what it wrote waits in a ring', () => {
    const { table, time } = setUp()
    table.executed(curl)
    time.ns = SECOND
    table.exited(CHILD)
    time.ns = 60 * SECOND
    table.tidy(0.5 * SECOND)
    assert.equal(table.find(CHILD)?.process.exePath, '/bin/curl')
    table.tidy(time.ns)
    assert.equal(table.find(CHILD), undefined)
  })

  test('a child is named as its parent until it executes something', () => {
    const { table } = setUp()
    table.executed(shell)
    table.forked(CHILD, PARENT, 7)
    const child = table.find(CHILD)?.process
    assert.deepEqual(child?.env.get('OTEL_SERVICE_NAME'), 'job')
    assert.deepEqual([child?.tgid, child?.parent, child?.startedNs], [CHILD, PARENT, 7])
  })

  test('other rules decide anew about all that run, children after their parents', () => {
    const { table } = setUp([{ exePath: /none$/ }])
    const selected = () => [PARENT, CHILD].map((tgid) => table.find(tgid)?.decision.selected)
    table.executed(curl) // before its parent, as ids in /proc may come
    table.executed(shell)
    assert.deepEqual(selected(), [false, false])
    const byShell = new Selection({ instrument: [{ exePath: /sh$/ }] }, 1)
    assert.deepEqual(
      table.select(byShell).map(({ tgid }) => tgid),
      [CHILD, PARENT],
    )
    assert.deepEqual(selected(), [true, true])
    assert.equal(table.find(CHILD)?.decision.rule, 'instrument[0] by its parent')
    assert.deepEqual(table.select(byShell), [])
    assert.deepEqual(table.select(new Selection({ instrument: [{ exePath: /curl$/ }] }, 1)), [])
    assert.deepEqual(selected(), [false, true])
  })

  test('what has ended is not decided about', () => {
    const { table } = setUp([{ exePath: /none$/ }])
    table.executed(shell)
    table.exited(PARENT)
    assert.deepEqual(table.select(new Selection({}, 1)), [])
  })

  test('an id that is given again is another process', () => {
    const { table, time } = setUp()
    table.executed(curl)
    table.exited(CHILD)
    table.executed({ ...shell, tgid: CHILD })
    time.ns = 60 * SECOND
    table.tidy(time.ns)
    assert.equal(table.find(CHILD)?.process.exePath, '/bin/sh')
  })

  test('tells the kernel each decision, and takes it back at exit', () => {
    const { table, isRejected } = setUp([{ exePath: /curl$/ }])
    const at = 32_767
    table.executed({ ...shell, tgid: at - 1 })
    table.executed({ ...curl, tgid: at, parent: 1 })
    assert.deepEqual([at - 2, at - 1, at].map(isRejected), [false, true, false])
    table.exited(at)
    assert.deepEqual([at - 1, at].map(isRejected), [true, false])
    table.exited(at - 1)
    assert.ok(!isRejected(at - 1))
  })

  test('a fork of whom is not watched is not, unless it has executed a program since', () => {
    const { table, isRejected, execute } = setUp([{ exePath: /curl$/ }])
    const [parent, child, other] = [700, 701, 702]
    table.executed({ ...shell, tgid: parent })
    execute(other)
    table.forked(child, parent, 0)
    table.forked(other, parent, 0)
    assert.deepEqual([child, other].map(isRejected), [true, false])
    table.executed({ ...shell, tgid: other, parent })
    assert.ok(isRejected(other))
  })

  test('decides anew when a port opens, and for the children after that', () => {
    const { table, isRejected } = setUp([{ openPorts: [{ first: 8080, last: 8080 }] }])
    const [server, worker] = [500, 501]
    table.executed({ ...shell, tgid: server })
    assert.ok(isRejected(server))
    table.listens(server, 8081)
    assert.ok(isRejected(server))
    table.listens(server, 8080)
    table.forked(worker, server, 0)
    assert.deepEqual([server, worker].map(isRejected), [false, false])
    assert.equal(table.find(worker)?.decision.rule, 'instrument[0]')
  })

  test('a process that exports its own traces is left out after a second, and its children are not', () => {
    const { table, time, isRejected } = setUp([{ exePath: /server$/ }])
    const [server, worker] = [600, 601]
    table.executed({ ...shell, tgid: server, exePath: '/bin/server' })
    table.movedOtlpTraces(server, 'client')
    table.tidy(time.ns)
    assert.ok(!isRejected(server))
    time.ns = 1.5 * SECOND
    table.tidy(time.ns)
    table.forked(worker, server, 0)
    assert.deepEqual([server, worker].map(isRejected), [true, false])
    assert.match(table.find(server)?.decision.rule ?? '', /^exclude_otel_instrumented_services: /)
    table.executed({ ...shell, tgid: server, exePath: '/bin/server' })
    assert.ok(!isRejected(server), 'another program under its id')
  })

  test('what passes on the traces of others is watched on', () => {
    const { table, time, isRejected } = setUp()
    const proxy = 610
    table.executed({ ...shell, tgid: proxy })
    table.movedOtlpTraces(proxy, 'client')
    table.movedOtlpTraces(proxy, 'server')
    table.movedOtlpTraces(proxy, 'client')
    time.ns = 60 * SECOND
    table.tidy(time.ns)
    assert.ok(!isRejected(proxy))
  })

  test('an exec of which nobody saw the control group has that of its parent', () => {
    const { table } = setUp()
    const unit = { path: '/system.slice/job.service', containerId: '', podUid: '', unit: 'job' }
    table.executed({ ...shell, cgroup: unit })
    table.executed(curl)
    assert.equal(table.find(CHILD)?.process.cgroup.unit, 'job')
  })

  test('finds this very process in /proc', () => {
    const { table } = setUp()
    table.scan()
    const found = table.find(process.pid)
    assert.equal(found?.process.exePath, process.execPath)
    assert.equal(found?.process.parent, process.ppid)
    assert.ok(found.process.args.some((arg) => arg.includes('process_table.test')))
  })
})
