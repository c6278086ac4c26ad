import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ChunkedBody, endsChunkedBody } from './chunked.ts'

const latin1 = (text: string) => Buffer.from(text, 'latin1')

const whole: [name: string, bytes: string, content: number][] = [
  ['empty', '0\r\n\r\n', 0],
  ['one chunk', '5\r\nhello\r\n0\r\n\r\n', 5],
  ['two chunks', '1\r\na\r\nA\r\n0123456789\r\n0\r\n\r\n', 11],
  ['an extension', '2;a="b"\r\nhi\r\n0;last\r\n\r\n', 2],
  ['leading zeros', '0002\r\nhi\r\n000\r\n\r\n', 2],
  ['trailers', '2\r\nhi\r\n0\r\nX: 1\r\nY: 2\r\n\r\n', 2],
  ['bare line feeds', '2\nhi\n0\n\n', 2],
  ['content that looks like the end', '7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n', 7],
]

describe('http1 chunked body', () => {
  for (const [name, bytes, content] of whole) {
    test(name, () => {
      const body = new ChunkedBody()
      assert.equal(body.scan(latin1(`${bytes}GET`), 0), bytes.length)
      assert.deepEqual([body.ended, body.decodedBytes], [true, content])
    })

    test(`${name}, in two pieces cut anywhere`, () => {
      for (let cut = 1; cut < bytes.length; cut++) {
        const body = new ChunkedBody()
        body.scan(latin1(bytes.slice(0, cut)), 0)
        assert.equal(body.ended, false, `${cut}`)
        body.scan(latin1(bytes.slice(cut)), 0)
        assert.deepEqual([body.ended, body.decodedBytes], [true, content], `${cut}`)
      }
    })
  }

  const broken: [name: string, bytes: string][] = [
    ['no size', '\r\n'],
    ['a size that is no number', 'xyz\r\n'],
    ['a size beyond 2^52', `${'f'.repeat(14)}\r\n`],
    ['data longer than its size', '2\r\nhello\r\n'],
  ]
  for (const [name, bytes] of broken) {
    test(`lost: ${name}`, () => {
      const body = new ChunkedBody()
      body.scan(latin1(bytes), 0)
      assert.equal(body.lost, true)
    })
  }

  const skips: [
    name: string,
    seen: string,
    skipped: number,
    tail: string,
    want: 'ended' | 'inside' | 'lost',
  ][] = [
    ['inside a chunk', 'a\r\n01', 5, '23456', 'inside'],
    ['to the end of the last chunk', 'a\r\n01', 15, '\r\n0\r\n\r\n', 'ended'],
    ['behind data that was all seen', '2\r\nhi\r\n', 5, '0\r\n\r\n', 'ended'],
    ['to where the last chunk could end, by another tail', 'a\r\n01', 15, '\r\n5\r\nhe', 'lost'],
    ['past all that is known', 'a\r\n01', 40, '\r\n0\r\n\r\n', 'lost'],
    ['inside a size', 'a', 9, '\r\n0\r\n\r\n', 'lost'],
  ]
  for (const [name, seen, skipped, tail, want] of skips) {
    test(`bytes that were not captured: ${name}`, () => {
      const body = new ChunkedBody()
      body.scan(latin1(seen), 0)
      body.skip(skipped, latin1(tail))
      assert.equal(body.ended ? 'ended' : body.lost ? 'lost' : 'inside', want)
    })
  }

  const tails: [tail: string, ends: boolean][] = [
    ['x\r\n0\r\n\r\n', true],
    ['\r\n0\r\n\r\n', true],
    ['0\r\n\r\n', true],
    ['xx10\r\n\r\n', false],
    ['\r\n\r\n', false],
    ['', false],
  ]
  for (const [tail, ends] of tails) {
    test(`tail ${JSON.stringify(tail)}`, () => assert.equal(endsChunkedBody(latin1(tail)), ends))
  }
})
