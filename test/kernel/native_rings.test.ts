import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { BpfObject } from '../../native/bpf_object.ts'
import { RingReader } from '../../native/ring_reader.ts'
import { buildTestObjects, callOnce, loadNativeObject } from './native_object.ts'

interface Record {
  readonly ring: number
  readonly bytes: number
  readonly number: number
}

/** As drain writes them. */
function readRecords(drained: Buffer): Record[] {
  const records: Record[] = []
  for (let at = 0; at < drained.length; ) {
    const bytes = drained.readUInt32LE(at)
    records.push({
      bytes,
      ring: drained.readUInt32LE(at + 4),
      number: drained.readUInt32LE(at + 8),
    })
    at += 8 + Math.ceil(bytes / 8) * 8
    assert.ok(at <= drained.length, 'a record is cut')
  }
  return records
}

class Rings {
  readonly object: BpfObject
  readonly reader: RingReader
  readonly #shared: BigUint64Array

  constructor(manyRings: boolean, ringBytes = 64 << 10) {
    const names = manyRings ? ['ring_0', 'ring_1', 'ring_2', 'ring_3'] : ['one_ring']
    this.object = loadNativeObject({
      rodata: { many_rings: manyRings },
      maxEntries: Object.fromEntries(names.map((name) => [name, ringBytes])),
    })
    this.reader = new RingReader(names.map((name) => this.object.map(name)))
    this.#shared = new BigUint64Array(this.object.map('shared').memory())
    this.object.attach('on_syscall')
  }

  /** Makes every record carry what this returns, but for its first 8 bytes. */
  fill(): Buffer {
    const scratches = this.object.map('scratches')
    const { valueSize, lookupBytes } = scratches.info
    const pattern = Buffer.from(Array.from({ length: valueSize }, (_, i) => (i * 7) & 255))
    scratches.update(Buffer.alloc(4), Buffer.alloc(lookupBytes, pattern))
    return pattern
  }

  send(records: number, bytes: number): void {
    this.#shared[0] = BigInt(bytes)
    for (let i = 0; i < records; i++) callOnce()
  }

  drain(into: Buffer, maxBytes?: number): Record[] {
    return readRecords(into.subarray(0, this.reader.drain(into, maxBytes)))
  }

  counters(): { sent: number; full: number } {
    const [sent = 0, full = 0] = this.object.map('counters').sumCounters()
    return { sent, full }
  }

  close(): void {
    this.object.close()
    this.reader.close()
  }
}

/** 0, 1 ... */
const count = (length: number) => Array.from({ length }, (_, i) => i)

before(buildTestObjects)

describe('one ring', () => {
  for (const bytes of [8, 9, 15, 16, 100, 4095]) {
    test(`23 records of ${bytes} bytes come out as 23, in order`, () => {
      const rings = new Rings(false)
      const into = Buffer.alloc(128 << 10, 0xee)
      rings.send(bytes > 2000 ? 12 : 23, bytes)
      const records = rings.drain(into)
      assert.deepEqual(
        records.map(({ number }) => number),
        count(bytes > 2000 ? 12 : 23),
      )
      assert.ok(records.every((record) => record.bytes === bytes && record.ring === 0))
      assert.equal(rings.reader.pendingBytes(), 0)
      assert.deepEqual(rings.drain(into), [])
      rings.close()
    })
  }

  test('other processes and other system calls make none', () => {
    const rings = new Rings(false)
    process.getgid?.()
    assert.deepEqual(rings.drain(Buffer.alloc(4096)), [])
    rings.close()
  })

  test('the padding behind a payload is zero', () => {
    const rings = new Rings(false)
    const into = Buffer.alloc(4096, 0xee)
    rings.send(1, 9)
    assert.equal(rings.reader.drain(into), 24)
    assert.deepEqual(into.subarray(17, 24), Buffer.alloc(7))
    assert.equal(into[24], 0xee)
    rings.close()
  })

  test('goes round and round, and cuts no record at the end of the ring', () => {
    const rings = new Rings(false)
    const pattern = rings.fill()
    const into = Buffer.alloc(64 << 10)
    let next = 0
    for (let round = 0; round < 100; round++) {
      rings.send(17, 1001)
      const drained = into.subarray(0, rings.reader.drain(into))
      for (const [i, { number }] of readRecords(drained).entries()) {
        assert.equal(number, next++)
        const payload = drained.subarray(i * 1016 + 16, i * 1016 + 1009)
        assert.ok(payload.equals(pattern.subarray(8, 1001)), `record ${number}`)
      }
    }
    assert.equal(next, 1700)
    const [consumed, produced] = rings.reader.positions()
    assert.equal(consumed, produced)
    assert.ok(consumed && consumed > 10 * (64 << 10))
    rings.close()
  })

  test('stops before a record that does not fit, and goes on there', () => {
    const rings = new Rings(false)
    const into = Buffer.alloc(4096)
    rings.send(10, 100)
    assert.deepEqual(
      rings.drain(into, 250).map(({ number }) => number),
      [0, 1],
    )
    assert.equal(rings.reader.pendingBytes(), 8 * 112)
    assert.deepEqual(
      rings.drain(into).map(({ number }) => number),
      count(10).slice(2),
    )
    rings.close()
  })

  test('gives up a record for which the buffer is too small, and counts it', () => {
    const rings = new Rings(false)
    const into = Buffer.alloc(512)
    rings.send(1, 100)
    rings.send(1, 1000)
    rings.send(1, 100)
    assert.deepEqual(
      rings.drain(into).map(({ number }) => number),
      [0, 2],
    )
    assert.equal(rings.reader.skipped, 1)
    rings.close()
  })

  test('a full ring loses what its counter says, exactly', () => {
    const rings = new Rings(false)
    const into = Buffer.alloc(128 << 10)
    rings.send(200, 1000)
    const { sent, full } = rings.counters()
    assert.ok(full > 100)
    assert.equal(sent + full, 200)
    assert.equal(rings.drain(into).length, sent)
    rings.close()
  })
})

describe('four rings', () => {
  test('are read in one drain, each in order', () => {
    const rings = new Rings(true)
    assert.equal(rings.reader.ringCount, 4)
    rings.send(40, 64)
    const records = rings.drain(Buffer.alloc(64 << 10))
    assert.equal(records.length, 40)
    for (const ring of count(4)) {
      const numbers = records.filter((record) => record.ring === ring).map(({ number }) => number)
      assert.deepEqual(
        numbers,
        count(10).map((i) => 4 * i + ring),
      )
    }
    rings.close()
  })

  test('get their turn even when no drain has room for all', () => {
    const rings = new Rings(true)
    const into = Buffer.alloc(1 << 10)
    rings.send(400, 64)
    const firstRings = count(4).map(() => rings.drain(into)[0]?.ring)
    assert.deepEqual(firstRings, [0, 1, 2, 3])
    rings.close()
  })

  test('have the size asked for', () => {
    const rings = new Rings(true, 1 << 20)
    rings.send(1200, 3000)
    assert.equal(rings.counters().full, 0)
    rings.close()
  })
})

describe('the end', () => {
  test('the last records can be read after the object is closed', () => {
    const rings = new Rings(true)
    rings.send(5, 64)
    rings.object.close()
    assert.equal(rings.drain(Buffer.alloc(4096)).length, 5)
    rings.reader.close()
  })

  test('a closed reader throws EBADF', () => {
    const rings = new Rings(true)
    rings.close()
    rings.close()
    assert.throws(() => rings.reader.drain(Buffer.alloc(64)), { code: 'EBADF' })
    assert.throws(() => rings.reader.positions(), { code: 'EBADF' })
  })

  const wrong: [name: string, open: (object: BpfObject) => unknown, error: object][] = [
    [
      'a map that is no ring',
      (object) => new RingReader([object.map('hashes')]),
      { code: 'EINVAL' },
    ],
    ['an array of rings', (object) => new RingReader([object.map('rings')]), { code: 'EINVAL' }],
    ['no ring', () => new RingReader([]), RangeError],
  ]
  for (const [name, open, error] of wrong) {
    test(`refuses ${name}`, () => {
      const object = loadNativeObject()
      assert.throws(() => open(object), error)
      object.close()
    })
  }

  const buffers: [name: string, drain: (reader: RingReader) => unknown, error: object][] = [
    ['more than the buffer has', (reader) => reader.drain(Buffer.alloc(64), 65), RangeError],
    ['a buffer that is text', (reader) => reader.drain('x' as unknown as Buffer), TypeError],
    ['an empty buffer', (reader) => reader.drain(Buffer.alloc(0)), RangeError],
  ]
  for (const [name, drain, error] of buffers) {
    test(`does not drain into ${name}`, () => {
      const rings = new Rings(false)
      assert.throws(() => drain(rings.reader), error)
      rings.close()
    })
  }
})
