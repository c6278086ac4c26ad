import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { BpfObject, type ObjectOptions } from '../../native/bpf_object.ts'
import { findElfSymbols } from '../../native/elf.ts'
import { loadObject } from '../../native/load.ts'
import { enableBpfStats, setLog } from '../../native/system.ts'
import { buildTestObjects, callOnce, loadNativeObject, NATIVE_OBJECT } from './native_object.ts'

before(buildTestObjects)

describe('open', () => {
  const rows: [name: string, options: ObjectOptions, error: object][] = [
    ['a variable that is not there', { rodata: { tarjet: 1 } }, { code: 'ENOENT' }],
    ['a number too large for u32', { rodata: { target: 2 ** 32 } }, { code: 'ERANGE' }],
    [
      'a negative number for u32 that fits its bits',
      { rodata: { target: -(2 ** 32) } },
      { code: 'ERANGE' },
    ],
    ['a bigint beyond 64 bits', { rodata: { syscall_nr: 2n ** 64n } }, { code: 'ERANGE' }],
    ['more bytes than the array has', { rodata: { label: Buffer.alloc(17) } }, { code: 'E2BIG' }],
    ['an integer for an array', { rodata: { label: 1 } }, { code: 'E2BIG' }],
    ['a fraction', { rodata: { target: 1.5 } }, RangeError],
    ['a map that is not there', { maxEntries: { nothing: 1 } }, { code: 'ENOENT' }],
    ['no entries', { maxEntries: { hashes: 0 } }, RangeError],
    ['a program that is not there', { autoload: { nothing: false } }, { code: 'ENOENT' }],
    [
      'an object to share with that is not loaded',
      { reuse: [new BpfObject(NATIVE_OBJECT)] },
      { code: 'EBADF' },
    ],
  ]
  for (const [name, options, error] of rows) {
    test(`refuses ${name}`, () => assert.throws(() => new BpfObject(NATIVE_OBJECT, options), error))
  }

  const files: [name: string, path: string, error: object][] = [
    ['a file that is not there', '/nonexistent.bpf.o', { code: 'ENOENT' }],
    ['a file that is no BPF object', process.execPath, { code: 'ELIBBPF' }],
    ['a path that C would cut', '/tmp\0/x', TypeError],
  ]
  for (const [name, path, error] of files) {
    test(`refuses ${name}`, () => assert.throws(() => new BpfObject(path), error))
  }

  test('sets numbers, bigints, booleans and bytes, and leaves the rest as written', () => {
    const object = loadNativeObject({
      rodata: { syscall_nr: -2, many_rings: true, label: Buffer.from('weir') },
    })
    const value = object.map('native.rodata').lookup(Buffer.alloc(4))
    assert.ok(value?.includes(Buffer.from('fe'.padEnd(16, 'f'), 'hex')))
    assert.ok(value?.includes(Buffer.from('weir\0\0\0\0\0\0\0\0\0\0\0\0')))
    object.close()
    const other = loadNativeObject({ rodata: { syscall_nr: 0x1234_5678_9abcn } })
    const rodata = other.map('native.rodata').lookup(Buffer.alloc(4))
    assert.ok(rodata?.includes(Buffer.from('bc9a785634120000', 'hex')))
    assert.ok(rodata?.includes(Buffer.from('unset\0')))
    other.close()
  })

  test('knows the layout of the structs', () => {
    const object = new BpfObject(NATIVE_OBJECT)
    assert.deepEqual(object.layout('record'), {
      size: 4096,
      fields: { number: { offset: 0, size: 8 }, fill: { offset: 8, size: 4088 } },
    })
    assert.equal(object.layout('no_such_struct'), undefined)
    object.close()
  })
})

describe('load', () => {
  test('goes on without the programs that do not load, and tells why', () => {
    const { object, failed } = loadObject(NATIVE_OBJECT, {
      autoload: { unchecked_pointer: true, unknown_target: true },
    })
    assert.deepEqual(
      failed.map(({ program }) => program),
      ['unchecked_pointer', 'unknown_target'],
    )
    assert.match(failed[0]?.reason ?? '', /invalid mem access 'map_value_or_null'/)
    assert.equal(failed[0]?.error.code, 'BPF_LOAD_FAILED')
    assert.match(failed[0]?.error.message ?? '', /^load BPF program unchecked_pointer: EACCES: /)
    assert.ok(failed[0] && failed[0].log.length > 3)
    assert.match(failed[1]?.reason ?? '', /failed to find kernel BTF type ID/)
    const loaded = new Map(object.programs().map((program) => [program.name, program.id > 0]))
    assert.equal(loaded.get('on_syscall'), true)
    assert.equal(loaded.get('unchecked_pointer'), false)
    object.close()
  })

  test('throws when it is no program that fails, and names the map', () => {
    assert.throws(() => loadObject(NATIVE_OBJECT, { maxEntries: { hashes: 2 ** 32 - 1 } }), {
      code: 'BPF_LOAD_FAILED',
      message: /load BPF object .*hashes/,
    })
  })

  test('shares the maps of another object, so a retry keeps them', () => {
    const first = loadNativeObject()
    const key = Buffer.from('01000000', 'hex')
    first.map('hashes').update(key, Buffer.from('0700000000000000', 'hex'))
    const { object: second, failed } = loadObject(NATIVE_OBJECT, {
      reuse: [first],
      autoload: { unchecked_pointer: true },
    })
    assert.equal(failed.length, 1)
    first.close()
    assert.equal(second.map('hashes').lookup(key)?.readUInt32LE(), 7)
    second.close()
  })

  test('says what libbpf says, to the log of this thread', () => {
    const lines: string[] = []
    setLog('debug', (level, message) => lines.push(`${level}: ${message}`))
    loadObject(NATIVE_OBJECT, { autoload: { unknown_target: true } }).object.close()
    setLog('warn', () => {
      throw new Error('a log that throws must not look like a failed load')
    })
    loadObject(NATIVE_OBJECT, { autoload: { unknown_target: true } }).object.close()
    setLog('warn', () => undefined)
    assert.ok(lines.some((line) => line.startsWith("warn: prog 'unknown_target'")))
    assert.ok(lines.some((line) => line.startsWith('debug: ')))
  })

  test('a log that closes the object it hears of does no harm', () => {
    const object = new BpfObject(NATIVE_OBJECT, { autoload: { unknown_target: true } })
    setLog('warn', () => object.close())
    assert.throws(() => object.load(), { code: 'ESRCH' })
    setLog('warn', () => undefined)
    assert.throws(() => object.load(), { code: 'EBADF' })
  })
})

describe('attach', () => {
  test('runs, is counted, and stops at detach', () => {
    const disableStats = enableBpfStats()
    const object = loadNativeObject()
    const link = object.attach('on_syscall')
    callOnce()
    const during = program(object, 'on_syscall')
    assert.ok(during.runCount > 0 && during.runTimeNs > 0 && during.links === 1)
    assert.equal(object.detach(link), true)
    assert.equal(object.detach(link), false)
    untilStill(() => program(object, 'on_syscall').runCount)
    assert.equal(program(object, 'on_syscall').links, 0)
    object.close()
    disableStats()
    disableStats()
  })

  test('a kind of hook that the kernel lacks gives a clean error', () => {
    const object = loadNativeObject()
    if (existsSync('/sys/bus/event_source/devices/kprobe')) {
      object.attach('on_kprobe')
      assert.equal(program(object, 'on_kprobe').links, 1)
    } else {
      assert.throws(() => object.attach('on_kprobe'), {
        code: 'ENOENT',
        message:
          /^attach BPF program on_kprobe: (?!.*No such file or directory.*No such).*tcp_sendmsg.*No such file or directory$/,
      })
    }
    object.close()
  })

  test('refuses what is not there, and goes on', () => {
    const object = loadNativeObject()
    assert.throws(() => object.attach('nothing'), { code: 'ENOENT' })
    assert.throws(() => object.attachUprobe('on_uprobe', '/nonexistent', 0), { code: 'ENOENT' })
    assert.throws(() => object.attachUprobe('on_uprobe', NATIVE_OBJECT, 2 ** 40), {
      code: 'EINVAL',
    })
    assert.throws(() => object.attachUprobe('on_uprobe', NATIVE_OBJECT, -1), RangeError)
    assert.throws(() => object.attach('unknown_target'), Error)
    assert.equal(typeof object.attach('on_syscall'), 'number')
    object.close()
  })

  for (const [name, probe] of [
    ['entry', 'on_uprobe'],
    ['return', 'on_uretprobe'],
  ] as const) {
    test(`a uprobe on the ${name} of a library's function, through /proc/PID/root`, async () => {
      const libc =
        / (\/\S*\/libc\.so\.6)$/m.exec(readFileSync('/proc/self/maps', 'latin1'))?.[1] ?? ''
      const [getuid] = await findElfSymbols(libc, ['getuid'])
      assert.ok(getuid)
      const object = loadNativeObject()
      const hits = () => object.map('counters').sumCounters()[2] ?? 0
      const link = object.attachUprobe(probe, `/proc/${process.pid}/root${libc}`, getuid.offset)
      for (let i = 0; i < 23; i++) callOnce()
      assert.equal(hits(), 23)
      object.detach(link)
      untilStill(hits)
      object.close()
    })
  }
})

test('after close every method throws EBADF, and close is safe', () => {
  const object = loadNativeObject()
  const hashes = object.map('hashes')
  const counters = object.map('counters')
  object.attach('on_syscall')
  object.close()
  object.close()
  const key = Buffer.alloc(4)
  const value = Buffer.alloc(8)
  const calls: (() => unknown)[] = [
    () => object.load(),
    () => object.programs(),
    () => object.maps(),
    () => object.map('hashes'),
    () => object.layout('record'),
    () => object.attach('on_syscall'),
    () => object.attachUprobe('on_uprobe', NATIVE_OBJECT, 0),
    () => object.detach(0),
    () => hashes.memlockBytes(),
    () => hashes.lookup(key),
    () => hashes.lookupMany(key, value, Buffer.alloc(1)),
    () => hashes.update(key, value),
    () => hashes.delete(key),
    () => hashes.memory(),
    () => [...hashes.scan()],
    () => counters.sumCounters(),
    () => new BpfObject(NATIVE_OBJECT, { reuse: [object] }),
  ]
  for (const call of calls) assert.throws(call, { code: 'EBADF' }, call.toString())
})

/** The kernel lets go a moment after detach: until then a call still counts. */
function untilStill(count: () => number): void {
  const deadline = Date.now() + 10_000
  for (;;) {
    const before = count()
    callOnce()
    if (count() === before) return
    assert.ok(Date.now() < deadline, 'still attached')
  }
}

function program(object: BpfObject, name: string) {
  const found = object.programs().find((candidate) => candidate.name === name)
  assert.ok(found)
  return found
}
