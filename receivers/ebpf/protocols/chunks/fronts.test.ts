import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Chunk, ParseResult } from '../../protocol.ts'
import { openStreams, PROTOCOL_DEFAULTS } from '../table.ts'
import { type Conversation, play } from '../testing/chunk_play.ts'
import { Budget } from './budget.ts'
import { FrameReader } from './reader.ts'

const open = openStreams(PROTOCOL_DEFAULTS)
/** Read as a program does that wants to know the length first. */
const ASKED: Conversation = [
  ['request', '*2\r\n'],
  ['request', '$3\r\nGET\r\n$1\r\nk\r\n'],
  ['response', '$1\r\n'],
  ['response', 'v\r\n'],
]

describe('a run whose front came alone', () => {
  for (const adopted of [false, true]) {
    test(`is recognised, ${adopted ? 'joined in the middle' : 'from its beginning'}`, () => {
      const again: Conversation = [...ASKED, ...ASKED, ['request', '*1\r\n']]
      const { spans, verdicts } = play(open, again, { connection: { adopted } })
      assert.deepEqual(
        spans.map(({ name }) => name),
        ['GET', 'GET'],
      )
      assert.deepEqual(verdicts, ['chunks'])
    })
  }
})

/** Each frame is 8 bytes; of one that is seen in part two are enough. */
function parse(bytes: Buffer): ParseResult<string> {
  if (bytes.length >= 8) return { kind: 'frame', bytes: 8, frame: bytes.toString('latin1', 0, 8) }
  if (bytes.length < 2) return { kind: 'need_more' }
  const frame = bytes.toString('latin1', 0, 2)
  return { kind: 'need_more', otherwise: { kind: 'frame', bytes: 8, frame } }
}

type Piece = [position: number, bytes: number, data: string, passed?: number]

/** What a reader makes of pieces: where each begins, how many bytes moved, what of them was captured, and how many before them were left out. */
function read(...pieces: Piece[]): string[] {
  const seen: string[] = []
  const host = {
    parse,
    frame: (frame: string) => seen.push(frame) > 0,
    lost: (reason: string) => void seen.push(reason),
  }
  const reader = new FrameReader(host, new Budget())
  for (const [position, bytes, data, passed = 0] of pieces) {
    const times = { firstNs: 1, lastNs: 1, tgid: 1 }
    const tail = Buffer.alloc(0)
    const chunk: Chunk = {
      direction: 'request',
      position,
      passed,
      bytes,
      tail,
      ...times,
      data: Buffer.from(data),
    }
    reader.feed(chunk)
  }
  return seen
}

describe('bytes that were not captured, of a frame that can do without', () => {
  test('at the end of a chunk', () => {
    assert.deepEqual(read([0, 8, 'abcd'], [8, 8, '01234567']), ['ab', '01234567'])
  })
  test('between chunks', () => {
    assert.deepEqual(read([0, 4, 'abcd'], [6, 10, 'gh01234567']), ['ab', '01234567'])
  })
  test('up to the middle of the next frame: a gap', () => {
    assert.deepEqual(read([0, 12, 'abcd']), ['ab', 'chunk_gap'])
  })
  test('before there is enough: a gap', () => {
    assert.deepEqual(read([0, 8, 'a']), ['chunk_gap'])
  })
})

describe('bytes that were left out', () => {
  test('between frames: no gap', () => {
    assert.deepEqual(read([0, 8, '01234567'], [21, 8, 'abcdefgh', 13]), ['01234567', 'abcdefgh'])
  })
  test('behind others that were lost: a gap', () => {
    assert.deepEqual(read([0, 8, '01234567'], [22, 8, 'abcdefgh', 13]), ['01234567', 'chunk_gap'])
  })
  test('within a frame: a gap', () => {
    assert.deepEqual(read([0, 1, '0'], [14, 8, 'abcdefgh', 13]), ['chunk_gap'])
  })
})
