import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Direction } from '../../protocol.ts'
import { Http1Stream } from './stitch.ts'

const MS = 1e6
const EMPTY = Buffer.alloc(0)
const CAPTURED = 256

/** One call that moved `text`, of which the first bytes were captured. */
function chunkOf(direction: Direction, position: number, text: string, ns: number) {
  const whole = Buffer.from(text, 'latin1')
  const times = { firstNs: ns, lastNs: ns, tgid: 1 }
  const tail = whole.subarray(-8)
  const data = whole.subarray(0, CAPTURED)
  return { direction, position, bytes: whole.length, data, tail, ...times }
}

test('counters of a response whose record is still to be read are no part of the one before it', () => {
  const spans: string[] = []
  const stream = new Http1Stream(
    { role: 'server', adopted: false },
    {
      exchange: ({ request, response }) => {
        spans.push(`${request.head.target} ${response?.head?.status} ${response?.bodyBytes}`)
      },
      count: (reason) => assert.fail(reason),
      verdict: (verdict) => assert.fail(verdict),
    },
  )
  const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
  const answer = (status: number, n: number) =>
    `HTTP/1.1 ${status} X\r\nContent-Length: ${n}\r\nX: ${'y'.repeat(300)}\r\n\r\n${'b'.repeat(n)}`
  const first = answer(200, 10)
  const second = answer(404, 20)
  stream.chunk(chunkOf('request', 0, ask('/1'), MS))
  stream.chunk(chunkOf('response', 0, first, 2 * MS))
  // The drain has read so far; meanwhile the kernel has seen the next request, and its response.
  const ahead = { position: first.length, bytes: second.length, lastNs: 4 * MS, tail: EMPTY }
  stream.progress({ direction: 'response', ...ahead, inOrder: false }, 5 * MS)
  stream.chunk(chunkOf('request', ask('/1').length, ask('/2'), 3 * MS))
  stream.chunk(chunkOf('response', first.length, second, 4 * MS))
  stream.progress({ direction: 'response', ...ahead, inOrder: false }, 50 * MS)
  assert.deepEqual(spans, ['/1 200 10', '/2 404 20'])
})
