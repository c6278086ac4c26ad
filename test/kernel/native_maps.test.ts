import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { BPF_EXIST, BPF_NOEXIST, type BpfMap } from '../../native/bpf_map.ts'
import type { BpfObject } from '../../native/bpf_object.ts'
import { buildTestObjects, callOnce, loadNativeObject } from './native_object.ts'

const u32 = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer)
const u64 = (value: number) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer)

let object: BpfObject
before(() => {
  buildTestObjects()
  object = loadNativeObject({ maxEntries: { hashes: 500 } })
})
after(() => object.close())

/** Empty, whatever the test before has left. */
function emptyHashes(): BpfMap {
  const hashes = object.map('hashes')
  for (const { keys, count } of [...hashes.scan(500)]) {
    for (let i = 0; i < count; i++) hashes.delete(keys.subarray(4 * i, 4 * i + 4))
  }
  return hashes
}

describe('a hash', () => {
  test('says what it is', () => {
    const { info } = object.map('hashes')
    assert.deepEqual(
      { ...info, memlockBytes: info.memlockBytes > 0 },
      {
        name: 'hashes',
        type: 'hash',
        keySize: 4,
        valueSize: 8,
        lookupBytes: 8,
        maxEntries: 500,
        memlockBytes: true,
      },
    )
    assert.ok(object.map('hashes').memlockBytes() > 500 * 12)
  })

  test('takes, gives and loses elements', () => {
    const hashes = emptyHashes()
    assert.equal(hashes.lookup(u32(7)), undefined)
    hashes.update(u32(7), u64(70))
    assert.deepEqual(hashes.lookup(u32(7)), u64(70))
    assert.throws(() => hashes.update(u32(7), u64(71), BPF_NOEXIST), { code: 'EEXIST' })
    assert.throws(() => hashes.update(u32(8), u64(80), BPF_EXIST), { code: 'ENOENT' })
    assert.equal(hashes.delete(u32(7)), true)
    assert.equal(hashes.delete(u32(7)), false)
  })

  test('refuses keys and values of the wrong size before the kernel could read past them', () => {
    const hashes = emptyHashes()
    assert.throws(() => hashes.lookup(Buffer.alloc(3)), RangeError)
    assert.throws(() => hashes.update(u32(1), Buffer.alloc(7)), RangeError)
    assert.throws(() => hashes.delete(Buffer.alloc(5)), RangeError)
    assert.throws(() => hashes.lookupMany(u32(1, 2), u64(0), Buffer.alloc(2)), RangeError)
    assert.throws(() => object.map('counters').sumCounters(new Float64Array(4)), RangeError)
    assert.throws(() => hashes.sumCounters(), TypeError)
  })

  test('is full at max_entries', () => {
    const hashes = emptyHashes()
    assert.throws(
      () => {
        for (let i = 0; i <= 500; i++) hashes.update(u32(i), u64(i))
      },
      { code: 'E2BIG' },
    )
  })

  test('looks up many keys in one crossing', () => {
    const hashes = emptyHashes()
    hashes.update(u32(1), u64(10))
    hashes.update(u32(3), u64(30))
    const values = Buffer.alloc(24)
    const found = Buffer.alloc(3)
    assert.equal(hashes.lookupMany(u32(1, 2, 3), values, found), 2)
    assert.deepEqual([...found], [1, 0, 1])
    assert.deepEqual([values.readUInt32LE(0), values.readUInt32LE(16)], [10, 30])
  })

  for (const capacity of [1, 7, 256, 10_000]) {
    test(`is scanned whole, ${capacity} at a time`, () => {
      const hashes = emptyHashes()
      for (let i = 0; i < 400; i++) hashes.update(u32(i), u64(3 * i))
      const seen = new Map<number, number>()
      for (const { count, keys, values } of hashes.scan(capacity)) {
        for (let i = 0; i < count; i++)
          seen.set(keys.readUInt32LE(4 * i), values.readUInt32LE(8 * i))
      }
      assert.equal(seen.size, 400)
      for (const [key, value] of seen) assert.equal(value, 3 * key)
    })
  }

  test('gives nothing when it is empty', () => {
    assert.deepEqual([...emptyHashes().scan()], [])
  })
})

describe('per CPU', () => {
  test('values come one by one, or summed', () => {
    const counters = object.map('counters')
    const cpus = counters.info.lookupBytes / 8
    const value = Buffer.alloc(counters.info.lookupBytes)
    for (let cpu = 0; cpu < cpus; cpu++) value.writeUInt32LE(cpu + 1, 8 * cpu)
    counters.update(u32(1), value)
    assert.deepEqual(counters.lookup(u32(1)), value)
    assert.deepEqual([...counters.sumCounters()], [0, (cpus * (cpus + 1)) / 2, 0])
    const scanned = [...counters.scan()].reduce((sum, { count }) => sum + count, 0)
    assert.equal(scanned, 3)
  })
})

describe('mapped memory', () => {
  test('is the map: the kernel sees what is written, we see what it writes', () => {
    const own = loadNativeObject()
    const shared = own.map('shared')
    const words = new BigUint64Array(shared.memory())
    assert.equal(words.length, 2)
    words[1] = 41n
    assert.equal(shared.lookup(u32(1))?.readUInt32LE(), 41)
    own.attach('on_syscall')
    callOnce()
    assert.equal(words[1], 42n)
    assert.equal(shared.memory(), words.buffer)
    own.close()
  })

  test('ends with the object: views become empty', () => {
    const own = loadNativeObject()
    const words = new BigUint64Array(own.map('shared').memory())
    const bytes = Buffer.from(words.buffer)
    own.close()
    assert.deepEqual([words.length, bytes.length], [0, 0])
    words[0] = 1n
  })

  test('is refused by maps that cannot be mapped', () => {
    assert.throws(() => object.map('hashes').memory(), { code: 'ENOTSUPP' })
    assert.throws(() => object.map('counters').memory(), Error)
  })
})
