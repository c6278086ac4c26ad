import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import zlib from 'node:zlib'
import { fc } from '../../test/support/fast_check.ts'
import { spans } from '../../test/support/telemetry.ts'
import { compressor, levelFault } from './compression.ts'
import { BodyError, type ContentEncoding, decompress } from './decompress.ts'
import { lz4, lz4Front, unlz4 } from './lz4.ts'
import { snappyBlock, snappyFramed, snappyFront, unsnappy } from './snappy.ts'

const MAX = 1 << 20
const never = () => new Error('too large')

/** Of the kinds that compression treats apart: nothing, hardly anything, no repetition, one run, real, several blocks. */
const samples: Readonly<Record<string, Buffer>> = {
  empty: Buffer.alloc(0),
  short: Buffer.from('abc'),
  random: Buffer.from(
    Array.from({ length: 5000 }, (_, i) => (Math.imul(i, 0x9e3779b1) >>> 13) & 255),
  ),
  run: Buffer.alloc(70_000, 7),
  spans: Buffer.from(spans(40).toProtobuf()),
  blocks: Buffer.from(spans(2500).toProtobuf()),
}

const run = (program: string, args: string[], input: Uint8Array): Buffer =>
  execFileSync(program, args, { input, maxBuffer: 2 * MAX, stdio: ['pipe', 'pipe', 'inherit'] })

const python = (code: string, input: Uint8Array) =>
  run('/usr/bin/python3', ['-c', `import sys, snappy\n${code}`], input)
const pipe = (expression: string) =>
  `data = sys.stdin.buffer.read()\nsys.stdout.buffer.write(${expression})`

interface Oracle {
  readonly pack: (bytes: Uint8Array) => Uint8Array
  readonly unpack: (bytes: Uint8Array) => Uint8Array
}

/** Programs that we did not write. */
const oracles: Readonly<Record<string, Oracle>> = {
  gzip: { pack: zlib.gzipSync, unpack: zlib.gunzipSync },
  zlib: { pack: zlib.deflateSync, unpack: zlib.inflateSync },
  deflate: { pack: zlib.deflateSync, unpack: zlib.inflateSync },
  zstd: { pack: zlib.zstdCompressSync, unpack: zlib.zstdDecompressSync },
  snappy: {
    pack: (bytes) => python(pipe('snappy.compress(data)'), bytes),
    unpack: (bytes) => python(pipe('snappy.uncompress(data)'), bytes),
  },
  lz4: {
    pack: (bytes) => run('lz4', ['-c', '-B4', '-BD'], bytes),
    unpack: (bytes) => run('lz4', ['-dc'], bytes),
  },
}

describe('compression', () => {
  for (const [name, { pack, unpack }] of Object.entries(oracles)) {
    const encoding = name as Exclude<ContentEncoding, ''>
    for (const [kind, bytes] of Object.entries(samples)) {
      const mine = compressor(encoding, 0)
      test(`${name} of ${kind}, both ways`, async () => {
        const halves = [bytes.subarray(0, 70), bytes.subarray(70)]
        const packed = await Promise.all([mine?.compress(halves), mine?.compress([bytes, bytes])])
        const unpacked = packed.map((one) => Buffer.from(unpack(one ?? Buffer.alloc(0))))
        assert.deepEqual(unpacked, [bytes, Buffer.concat([bytes, bytes])])
        const foreign = Buffer.from(pack(bytes))
        assert.deepEqual(await decompress(foreign, encoding, MAX), bytes)
      })
    }
  }

  test('of a framed snappy stream, as golang/snappy 0.0.4 writes it', async () => {
    const file = new URL('../../../pipeline/net/testdata/framed_snappy.hex', import.meta.url)
    const stream = Buffer.from(readFileSync(file, 'latin1').replaceAll('\n', ''), 'hex')
    const lines = Array.from({ length: 400 }, (_, i) => {
      return `span ${i + 1} GET /items/${((i + 1) * 7919) % 1000} status 200\n`
    })
    const text = await decompress(stream, 'x-snappy-framed', MAX)
    assert.equal(text.toString(), lines.join(''))
    stream[30] = (stream[30] ?? 0) ^ 1
    await assert.rejects(decompress(stream, 'x-snappy-framed', MAX), { code: 'CORRUPT' })
  })

  test('of snappy, a block and a stream are told apart', async () => {
    const bytes = samples['spans'] as Buffer
    for (const packed of [snappyBlock(bytes), snappyFramed(bytes)]) {
      assert.deepEqual(await decompress(packed, 'snappy', MAX), bytes)
    }
  })

  for (const [name, front] of Object.entries({ snappy: snappyFront, lz4: lz4Front })) {
    test(`the front of ${name}, cut anywhere, holds the front of what was packed`, () => {
      const bytes = samples['spans'] as Buffer
      const packed = Buffer.from(oracles[name]?.pack(bytes) ?? [])
      const lengths = Array.from({ length: packed.length - 20 }, (_, i) => {
        const got = front(packed.subarray(0, 20 + i), MAX, never)
        assert.deepEqual(got, bytes.subarray(0, got.length))
        return got.length
      })
      assert.deepEqual(
        lengths,
        lengths.toSorted((a, b) => a - b),
      )
      assert.ok((lengths[lengths.length >> 1] ?? 0) > bytes.length / 10)
      assert.deepEqual(front(packed, MAX, never), bytes)
    })
  }

  test('makes real spans smaller', () => {
    const bytes = samples['blocks'] as Buffer
    for (const pack of [snappyBlock, snappyFramed, lz4]) {
      assert(pack(bytes).length < bytes.length / 3, pack.name)
    }
  })

  test('any bytes come back', () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 })
    fc.assert(
      fc.property(parts, fc.array(fc.nat(29), { maxLength: 200 }), (words, order) => {
        const bytes = Buffer.concat(order.map((n) => words[n % words.length] ?? Buffer.from('-')))
        assert.deepEqual(unsnappy(snappyBlock(bytes), MAX, never), bytes)
        assert.deepEqual(unsnappy(snappyFramed(bytes), MAX, never), bytes)
        assert.deepEqual(unlz4(lz4(bytes), MAX, never), bytes)
      }),
    )
  })
})

describe('compression meets a hostile sender', () => {
  const big = Buffer.alloc(50 << 20)
  const bombs: [name: ContentEncoding, bytes: () => Buffer][] = [
    ['gzip', () => zlib.gzipSync(big)],
    ['zlib', () => zlib.deflateSync(big)],
    ['zstd', () => zlib.zstdCompressSync(big)],
    ['snappy', () => snappyBlock(big)],
    ['snappy', () => Buffer.from('ffffffff0f00', 'hex')],
    ['x-snappy-framed', () => snappyFramed(big)],
    ['lz4', () => lz4(big)],
  ]
  for (const [encoding, bytes] of bombs) {
    test(`a bomb of ${encoding} ends at the limit`, async () => {
      const bomb = bytes()
      const before = process.memoryUsage().arrayBuffers
      await assert.rejects(decompress(bomb, encoding as 'gzip', MAX), { code: 'TOO_LARGE' })
      assert(process.memoryUsage().arrayBuffers - before < 8 * MAX)
    })
  }

  test('a window of zstd that is larger than 8 MiB is refused', async () => {
    const params = { [zlib.constants.ZSTD_c_windowLog]: 27 }
    const bytes = zlib.zstdCompressSync(Buffer.alloc(30 << 20, 'x'), { params })
    await assert.rejects(decompress(bytes, 'zstd', 40 << 20), { code: 'CORRUPT' })
  })

  test('damaged bytes are refused or give something, and nothing else happens', async () => {
    const bytes = samples['spans'] as Buffer
    const packed = {
      snappy: snappyBlock(bytes),
      'x-snappy-framed': snappyFramed(bytes),
      lz4: lz4(bytes),
    }
    const damage = fc.array(fc.tuple(fc.nat(bytes.length), fc.nat(255)), { maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('snappy', 'x-snappy-framed', 'lz4'),
        damage,
        fc.nat(bytes.length),
        async (name, changes, end) => {
          const hurt = Buffer.from(packed[name].subarray(0, end))
          for (const [at, value] of changes) if (at < hurt.length) hurt[at] = value
          const result = await decompress(hurt, name, MAX).catch((error) => error)
          assert(result instanceof Buffer || result instanceof BodyError)
        },
      ),
    )
  })

  test('levels are those that a compression has', () => {
    assert.equal(levelFault('gzip', 9), undefined)
    assert.match(levelFault('gzip', 10) ?? '', /unsupported parameters \{Level:10\} for .* "gzip"/)
    assert.match(levelFault('snappy', 1) ?? '', /it has no levels/)
    assert.equal(levelFault('none', 9), undefined)
  })
})
