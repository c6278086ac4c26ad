import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import {
  Decision,
  processExec,
  processExit,
  processFork,
  processMap,
  RecordType,
} from '../../bpf/events.gen.ts'
import type { BpfObject } from '../../native/bpf_object.ts'
import { loadObject } from '../../native/load.ts'
import { DRAIN_HEADER_BYTES, RingReader } from '../../native/ring_reader.ts'
import { type HookFamily, ownSections } from '../../receivers/ebpf/sources/tcp.ts'
import { usableFamilies } from './tcp/families.ts'
import { objectPath } from './tcp/tap.ts'

const PROCESS_HOOKS = /^tp_btf\/sched_/

/** The process object, with the hook of one family for mappings, and its records. */
class ProcessTap {
  readonly object: BpfObject
  readonly #ring: RingReader
  readonly #buffer = Buffer.alloc(4 << 20)

  constructor(family: HookFamily) {
    this.object = loadObject(objectPath('process')).object
    this.#ring = new RingReader([this.object.map('process_ring')])
    for (const { name, section } of this.object.programs()) {
      if (PROCESS_HOOKS.test(section) || ownSections(family).test(section)) this.object.attach(name)
    }
  }

  /** Records of one type since the last call. */
  take(type: number): DataView[] {
    const bytes = this.#ring.drain(this.#buffer)
    const records: DataView[] = []
    for (let at = 0; at < bytes; ) {
      const length = this.#buffer.readUInt32LE(at)
      const from = this.#buffer.byteOffset + at + DRAIN_HEADER_BYTES
      records.push(new DataView(this.#buffer.buffer.slice(from, from + length)))
      at += DRAIN_HEADER_BYTES + ((length + 7) & ~7)
    }
    return records.filter((record) => processExec.type(record, 0) === type)
  }

  decideAll(decision: number): void {
    new Uint8Array(this.object.map('decisions').memory()).fill(decision * 0b01010101)
  }

  decisionOf(tgid: number): number {
    const bytes = new Uint8Array(this.object.map('decisions').memory())
    return ((bytes[tgid >> 2] ?? 0) >> ((tgid & 3) * 2)) & 3
  }

  close(): void {
    this.object.close()
    this.#ring.close()
  }
}

const text = (view: DataView, from: number, bytes: number) =>
  Buffer.from(view.buffer, view.byteOffset + from, bytes).toString('latin1')

for (const family of usableFamilies()) {
  describe(`processes, mappings by ${family}`, () => {
    let tap: ProcessTap
    let folder: string
    before(() => {
      tap = new ProcessTap(family)
      folder = mkdtempSync(join(tmpdir(), 'weir-process-'))
    })
    beforeEach(() => {
      tap.take(0)
    })
    after(() => {
      tap.close()
      rmSync(folder, { recursive: true })
    })

    test('an exec: who, which arguments, which environment', () => {
      const { pid } = spawnSync('/bin/echo', ['one', 'two words'], { env: { WEIR_ROW: 'exec' } })
      const records = tap
        .take(RecordType.EXEC)
        .filter((record) => processExec.tgid(record, 0) === pid)
      assert.equal(records.length, 1)
      const [record] = records
      assert.ok(record)
      const args = processExec.argsBytes(record, 0)
      const captured = processExec.captured(record, 0)
      assert.equal(text(record, processExec.size, args), '/bin/echo\0one\0two words\0')
      assert.equal(text(record, processExec.size + args, captured - args), 'WEIR_ROW=exec\0')
      assert.equal(processExec.parent(record, 0), process.pid)
      assert.equal(record.byteLength, processExec.size + captured)
    })

    test('more arguments than fit are cut, and the record says how many bytes it has', () => {
      const { pid } = spawnSync('/bin/true', ['x'.repeat(10_000)], { env: {} })
      const [record] = tap.take(RecordType.EXEC).filter((one) => processExec.tgid(one, 0) === pid)
      assert.ok(record)
      assert.equal(processExec.captured(record, 0), 4096)
      assert.equal(processExec.argsBytes(record, 0), 4096)
    })

    const ends = (type: number, tgidOf: (view: DataView, at: number) => number, tgid: number) =>
      tap.take(type).filter((record) => tgidOf(record, 0) === tgid)

    test('a process of 20 threads: one fork, one exit, with its code', async () => {
      const script =
        'import threading,sys\nt=[threading.Thread(target=lambda:None) for _ in range(20)]\n[x.start() for x in t]\n[x.join() for x in t]\nsys.exit(7)'
      const child = spawn('python3', ['-c', script])
      const pid = child.pid ?? 0
      await once(child, 'exit')
      const exits = ends(RecordType.EXIT, processExit.tgid, pid)
      assert.equal(exits.length, 1)
      assert.ok(exits[0])
      assert.equal(processExit.exitCode(exits[0], 0) >> 8, 7)
    })

    test('a fork without an exec', () => {
      const script =
        'import os\npid=os.fork()\nif pid==0: os._exit(0)\nos.waitpid(pid,0)\nprint(pid)'
      const { pid, stdout } = spawnSync('python3', ['-c', script])
      const child = Number(stdout.toString())
      const forks = ends(RecordType.FORK, processFork.tgid, child)
      assert.equal(forks.length, 1)
      assert.ok(forks[0])
      assert.equal(processFork.parent(forks[0], 0), pid)
    })

    const LOAD = 'import ctypes,sys\nctypes.CDLL(sys.argv[1])'

    /** A library that nobody has mapped before. */
    const freshLibrary = (name: string): string => {
      const { stdout } = spawnSync('python3', [
        '-c',
        'import ctypes\nctypes.CDLL("libz.so.1")\nprint([l.split()[-1] for l in open("/proc/self/maps") if "libz" in l][0])',
      ])
      const path = join(folder, name)
      copyFileSync(stdout.toString().trim(), path)
      return path
    }

    const mappingsOf = (path: string) => {
      const inode = BigInt(statSync(path, { bigint: true }).ino)
      return tap.take(RecordType.MAP).filter((record) => processMap.inode(record, 0) === inode)
    }

    test('a library opened by dlopen: once, whoever maps it again', () => {
      const library = freshLibrary('libfresh.so')
      tap.take(0)
      const { pid, status } = spawnSync('python3', ['-c', LOAD, library])
      assert.equal(status, 0)
      const mappings = mappingsOf(library)
      assert.equal(mappings.length, 1)
      assert.ok(mappings[0])
      assert.equal(processMap.tgid(mappings[0], 0), pid)
      spawnSync('python3', ['-c', LOAD, library])
      assert.equal(mappingsOf(library).length, 0)
    })

    test('no mapping of processes that are not selected', async () => {
      const library = freshLibrary('libother.so')
      const child = spawn('python3', ['-c', `input('runs')\n${LOAD}`, library])
      await once(child.stdout, 'data')
      tap.decideAll(Decision.REJECTED)
      child.stdin.end('go\n')
      assert.deepEqual(await once(child, 'exit'), [0, null])
      assert.equal(mappingsOf(library).length, 0)
    })

    test('another program in a process that was not selected is watched until it is decided', () => {
      const library = freshLibrary('libanew.so')
      tap.decideAll(Decision.REJECTED)
      const { pid } = spawnSync('python3', ['-c', LOAD, library])
      assert.equal(tap.decisionOf(pid), Decision.SELECTED)
      assert.equal(mappingsOf(library).length, 1)
      tap.decideAll(Decision.NONE)
    })
  })
}
