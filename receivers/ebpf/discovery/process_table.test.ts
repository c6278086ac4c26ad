import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { Decisions } from './decisions.ts'
import { Descriptions } from './description.ts'
import type { Process } from './process.ts'
import { ProcessTable } from './process_table.ts'
import { type InstrumentEntry, Selection } from './selection.ts'
import { processOf } from './testing.ts'

const SECOND = 1e9

function setUp(instrument: readonly InstrumentEntry[] = []) {
  const memory = new ArrayBuffer(1 << 20)
  const time = { ns: 0 }
  const table = new ProcessTable({
    selection: new Selection({ instrument }, 1),
    decisions: new Decisions(memory),
    descriptions: new Descriptions(),
    epochBootNs: 0n,
    nowNs: () => time.ns,
    count: (reason) => assert.fail(reason),
  })
  /** The two bits of a process as the kernel reads them. */
  const bits = (tgid: number) =>
    Number((new BigUint64Array(memory)[tgid >> 5] ?? 0n) >> BigInt((tgid & 31) * 2)) & 3
  return { table, time, bits }
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
  const { table, bits } = setUp()
  table.executed(shell)
  const child = spawn('sleep', ['1000'])
  await once(child, 'spawn')
  const tgid = child.pid ?? 0
  const tells = () => table.rescan().map((process) => process.tgid)
  assert.ok(tells().includes(tgid), 'a process that nobody knew')
  assert.deepEqual([bits(tgid), bits(PARENT)], [2, 0], 'one runs, and one does not')
  child.kill()
  await once(child, 'exit')
  assert.ok(!tells().includes(tgid))
  assert.equal(bits(tgid), 0)
})

const curl: Process = { ...shell, tgid: CHILD, parent: PARENT, comm: 'curl', exePath: '/bin/curl' }

describe('ProcessTable', () => {
  test('knows a process that lived 5 ms after it has ended', () => {
    const { table, time } = setUp()
    table.executed(shell)
    table.forked(CHILD, PARENT, 1)
    assert.equal(table.find(CHILD)?.process.exePath, '/bin/sh')
    assert.equal(table.find(CHILD)?.forked, true)
    table.executed(curl)
    table.exited(CHILD)
    time.ns = 4 * SECOND
    table.tidy()
    assert.equal(table.find(CHILD)?.process.exePath, '/bin/curl')
    time.ns = 6 * SECOND
    table.tidy()
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
    table.tidy()
    assert.equal(table.find(CHILD)?.process.exePath, '/bin/sh')
  })

  test('tells the kernel each decision, and takes it back at exit', () => {
    const { table, bits } = setUp([{ exePath: /curl$/ }])
    const at = 32_767
    table.executed({ ...shell, tgid: at - 1 })
    table.executed({ ...curl, tgid: at, parent: 1 })
    assert.deepEqual([bits(at - 2), bits(at - 1), bits(at)], [0, 1, 2])
    table.exited(at)
    assert.deepEqual([bits(at - 1), bits(at)], [1, 0])
  })

  test('decides anew when a port opens, and for the children after that', () => {
    const { table, bits } = setUp([{ openPorts: [{ first: 8080, last: 8080 }] }])
    const [server, worker] = [500, 501]
    table.executed({ ...shell, tgid: server })
    assert.equal(bits(server), 1)
    table.listens(server, 8081)
    assert.equal(bits(server), 1)
    table.listens(server, 8080)
    table.forked(worker, server, 0)
    assert.deepEqual([bits(server), bits(worker)], [2, 2])
    assert.equal(table.find(worker)?.decision.rule, 'instrument[0]')
  })

  test('a process that exports its own traces is left out after a second, and its children are not', () => {
    const { table, time, bits } = setUp([{ exePath: /server$/ }])
    const [server, worker] = [600, 601]
    table.executed({ ...shell, tgid: server, exePath: '/bin/server' })
    table.movedOtlpTraces(server, 'client')
    table.tidy()
    assert.equal(bits(server), 2)
    time.ns = 1.5 * SECOND
    table.tidy()
    table.forked(worker, server, 0)
    assert.deepEqual([bits(server), bits(worker)], [1, 2])
    assert.match(table.find(server)?.decision.rule ?? '', /^exclude_otel_instrumented_services: /)
    table.executed({ ...shell, tgid: server, exePath: '/bin/server' })
    assert.equal(bits(server), 2, 'another program under its id')
  })

  test('what passes on the traces of others is watched on', () => {
    const { table, time, bits } = setUp()
    const proxy = 610
    table.executed({ ...shell, tgid: proxy })
    table.movedOtlpTraces(proxy, 'client')
    table.movedOtlpTraces(proxy, 'server')
    table.movedOtlpTraces(proxy, 'client')
    time.ns = 60 * SECOND
    table.tidy()
    assert.equal(bits(proxy), 2)
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
