import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { processExec, processFork, processMap, RecordType, setEpoch } from '../../bpf/events.gen.ts'
import { Counters } from './counters.ts'
import { NO_CGROUP } from './discovery/cgroup.ts'
import type { Process } from './discovery/process.ts'
import { type ProcessEvents, readProcessRecord } from './process_records.ts'
import { recordsIn } from './records.ts'

/** Above every pid_max: /proc knows nothing of it. */
const TGID = 4_194_500
const TYPE_AT = 12
const COMM_AT = processExec.comm
const PATH_AT = processExec.path

function front(size: number, type: number): Buffer {
  const record = Buffer.alloc(size)
  record.writeBigUInt64LE(5_000n, 0)
  record.writeUInt32LE(TGID, 8)
  record.writeUInt8(type, TYPE_AT)
  return record
}

function execRecord(path: string, args: string, environ: string, captured?: number): Buffer {
  const record = front(processExec.size, RecordType.EXEC)
  const data = Buffer.from(args + environ)
  record.writeUInt32LE(7, 16)
  record.writeUInt32LE(Buffer.byteLength(args), 20)
  record.writeUInt32LE(captured ?? data.length, 24)
  record.write('curl', COMM_AT)
  record.write(path, PATH_AT)
  return Buffer.concat([record, data])
}

/** Reads one record and gives what it told. */
function read(record: Buffer) {
  setEpoch(1_000n)
  const told: unknown[] = []
  const counters = new Counters()
  const events: ProcessEvents = {
    executed: (process) => told.push(process),
    forked: (...args) => told.push(['forked', ...args]),
    exited: (...args) => told.push(['exited', ...args]),
    listens: (...args) => told.push(['listens', ...args]),
    mapped: (...args) => told.push(['mapped', ...args]),
  }
  readProcessRecord(recordsIn(record), 0, record.length, events, counters)
  return { told, invalid: counters.get('record_invalid') }
}

describe('readProcessRecord', () => {
  test('an exec tells what a process that has ended already was', () => {
    const environ = 'SECRET=1\0OTEL_SERVICE_NAME=shop\0'
    const { told } = read(execRecord('/usr/bin/curl', 'curl\0-s\0http://x\0', environ))
    const want: Process = {
      tgid: TGID,
      parent: 7,
      startedNs: 4_000,
      cpuBeforeNs: 0,
      comm: 'curl',
      exePath: '/usr/bin/curl',
      args: ['curl', '-s', 'http://x'],
      env: new Map([['OTEL_SERVICE_NAME', 'shop']]),
      cgroup: NO_CGROUP,
    }
    assert.deepEqual(told, [want])
  })

  test('a relative path is no path', () => {
    const [process] = read(execRecord('./curl', 'curl\0', '')).told as Process[]
    assert.equal(process?.exePath, '')
  })

  test('an exec that promises more than it has is read as far as it goes', () => {
    const [process] = read(execRecord('/bin/a', 'a\0b\0', 'X=1\0', 60_000)).told as Process[]
    assert.deepEqual(process?.args, ['a', 'b'])
  })

  test('a path without end is cut at its room', () => {
    const [process] = read(execRecord(`/${'x'.repeat(255)}`, 'a\0', '')).told as Process[]
    assert.equal(process?.exePath.length, 256)
  })

  test('fork, exit, listen and map', () => {
    const fork = front(processFork.size, RecordType.FORK)
    fork.writeUInt32LE(9, 16)
    const listen = front(24, RecordType.LISTEN)
    listen.writeUInt16LE(8080, 14)
    const map = front(processMap.size, RecordType.MAP)
    map.writeBigUInt64LE(123n, 16)
    map.writeBigUInt64LE(45n, 24)
    const exit = front(24, RecordType.EXIT)
    exit.writeUInt32LE(11, 16)
    assert.deepEqual(
      [fork, exit, listen, map].flatMap((record) => read(record).told),
      [
        ['forked', TGID, 9, 4_000],
        ['exited', TGID, 11],
        ['listens', TGID, 8080],
        ['mapped', { tgid: TGID, inode: 123, device: 45 }],
      ],
    )
  })

  type Bad = [name: string, record: Buffer]
  const bad: Bad[] = [
    ['empty', Buffer.alloc(0)],
    ['shorter than every record', Buffer.alloc(12, 0xff)],
    ['of no known type', front(64, 99)],
    ['an exec that is cut', front(100, RecordType.EXEC)],
    ['a map that is cut', front(24, RecordType.MAP)],
  ]
  for (const [name, record] of bad) {
    test(`${name}: counted, and nothing told`, () => {
      assert.deepEqual(read(record), { told: [], invalid: 1 })
    })
  }
})
