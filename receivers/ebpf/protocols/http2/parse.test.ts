import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import type { Direction } from '../../protocol.ts'
import { beginsHttp2, findFrame } from './begins.ts'
import { dataBytes, headerBlock, PREFACE, parseFrame } from './parse.ts'
import { block, data, frame, get, goaway, headers, reset, SERVER, SETTINGS } from './testing.ts'

const kindOf = (direction: Direction, bytes: Buffer) => parseFrame(direction, bytes).kind
const zeros = (bytes: number) => Buffer.alloc(bytes)

const cases: [name: string, from: Direction, bytes: Buffer, kind: string][] = [
  ['a preface', 'request', PREFACE, 'ignored'],
  ['a preface from the server', 'response', PREFACE, 'invalid'],
  ['a preface that is none', 'request', Buffer.from('PRI * HTTP/1.1\r\n\r\n'), 'invalid'],
  ['settings', 'request', SETTINGS, 'frame'],
  ['settings that are no whole number', 'request', frame(4, 0, 0, zeros(7)), 'invalid'],
  ['settings that are acknowledged with content', 'request', frame(4, 1, 0, zeros(6)), 'invalid'],
  ['a request', 'request', get(1, '/'), 'frame'],
  ['headers of no stream', 'request', frame(1, 4, 0, zeros(3)), 'invalid'],
  ['a flag that headers do not have', 'request', frame(1, 0x40, 1, zeros(3)), 'invalid'],
  ['the reserved bit', 'request', frame(0, 0, -1 >>> 0, zeros(3)), 'invalid'],
  ['data', 'request', data(1, 'hello'), 'frame'],
  ['a frame of no length', 'response', data(1, ''), 'frame'],
  ['a promise of a client', 'request', frame(5, 4, 1, zeros(9)), 'invalid'],
  ['a promise of a server', 'response', frame(5, 4, 1, zeros(9)), 'frame'],
  ['a reset', 'request', reset(1, 8), 'frame'],
  ['a reset of five bytes', 'request', frame(3, 0, 1, zeros(5)), 'invalid'],
  ['the end', 'response', goaway(1, 0), 'frame'],
  ['a ping', 'response', frame(6, 0, 0, zeros(8)), 'frame'],
  ['a window', 'request', frame(8, 0, 3, zeros(4)), 'frame'],
  ['what an extension has', 'response', frame(0xc, 0, 0, zeros(30)), 'frame'],
  ['headers longer than anyone takes', 'request', frame(1, 4, 1, zeros(20_000)), 'invalid'],
  ['random bytes', 'request', Buffer.from('9f8d3c0ba2e1774455ee', 'hex'), 'invalid'],
]

describe('HTTP/2 frames', () => {
  for (const [name, from, bytes, kind] of cases) {
    test(name, () => assert.equal(kindOf(from, bytes), kind))
  }

  test('cut at every byte', () => {
    for (const bytes of [PREFACE, get(1, '/a'), reset(1, 8), goaway(1, 0)]) {
      for (let cut = 0; cut < bytes.length; cut++) {
        assert.equal(kindOf('request', bytes.subarray(0, cut)), 'need_more', `${cut}`)
      }
    }
  })

  test('of data the front is enough, and the rest is skipped', () => {
    const long = frame(0, 1, 1, zeros(1 << 20))
    const result = parseFrame('request', long.subarray(0, 20))
    assert.equal(result.kind === 'frame' && result.bytes, 9 + (1 << 20))
  })

  test('padding and priority are no content', () => {
    const fields = block(2)
    const padded = Buffer.concat([Buffer.from([3, 0, 0, 0, 0, 9]), fields, zeros(3)])
    const one = parseFrame('request', headers(1, padded, 0x2c))
    assert.deepEqual(one.kind === 'frame' && headerBlock(one.frame), fields)
    const two = parseFrame('request', headers(1, Buffer.from([9, 0, 0]), 0xc))
    assert.equal(two.kind === 'frame' && headerBlock(two.frame), undefined)
    const three = parseFrame('request', frame(0, 8, 1, Buffer.from([2, 65, 66, 67, 0, 0])))
    assert.equal(three.kind === 'frame' && dataBytes(three.frame), 3)
  })

  test('behind a gap: a row of frames, or one of an open stream', () => {
    const open = (id: number) => id === 5
    const find = (bytes: Buffer, moved = bytes.length) => findFrame('response', bytes, moved, open)
    assert.equal(find(SERVER), 0)
    assert.equal(find(data(7, 'whole')), 0)
    assert.equal(find(data(7, 'not whole'), 100), -1)
    assert.equal(find(Buffer.concat([zeros(50), data(5, 'x')])), 50)
    assert.equal(find(Buffer.concat([zeros(50), data(7, 'x')])), -1)
    assert.equal(find(zeros(500)), -1)
  })

  test('what begins a connection', () => {
    const path = '../../../../../receivers/ebpf/protocols/http2/testdata/first_bytes.hex'
    const rows = readFileSync(new URL(path, import.meta.url), 'utf8').matchAll(
      /^([0-9a-f]+) # (yes|missed|no): (.*)$/gm,
    )
    let seen = 0
    for (const [, hex = '', answer, what = ''] of rows) {
      seen++
      const bytes = Buffer.from(hex, 'hex')
      const is = (['request', 'response'] as const).some((direction) =>
        beginsHttp2({ direction, data: bytes }),
      )
      assert.equal(is, answer !== 'no', what)
    }
    assert.ok(seen > 15)
  })

  test('what begins in the middle of a connection', () => {
    const begins = (bytes: Buffer) => beginsHttp2({ direction: 'request', data: bytes })
    const window = frame(8, 0, 0, zeros(4))
    assert.ok(begins(get(9, '/')))
    assert.ok(begins(Buffer.concat([window, data(3, 'x'), get(9, '/')])))
    assert.ok(begins(headers(9, Buffer.from('83be86bfc0', 'hex'), 5)), 'most is in tables')
    assert.ok(!begins(headers(8, block(2, 4), 5)), 'an even stream')
    assert.ok(!begins(headers(9, block(8), 5)), 'a response')
    assert.ok(!begins(window))
    assert.ok(!begins(get(9, '/').subarray(0, 20)))
  })
})
