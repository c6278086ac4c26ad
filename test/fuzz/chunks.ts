import assert from 'node:assert/strict'
import { ALL_REASONS } from '../../receivers/ebpf/counters.ts'
import type { EndReason, OpenStream, ProtocolEntry } from '../../receivers/ebpf/protocol.ts'
import { CONNECTION, type Conversation } from '../../receivers/ebpf/protocols/testing/chunk_play.ts'
import { NO_SERVICES } from '../../receivers/ebpf/testing.ts'
import { checkSpan } from './http1.ts'
import { mutate, type Random } from './random.ts'

const ENDS: readonly [EndReason, ...EndReason[]] = ['in', 'out', 'closed', 'reset', 'evicted']
const EMPTY = Buffer.alloc(0)
const TURNS = 12

const bytesOf = (said: Buffer | string) =>
  typeof said === 'string' ? Buffer.from(said, 'latin1') : said

/** A piece of a turn: where it begins may be off, and not all of it may be captured. */
function pieceOf(from: Random, data: Buffer): { data: Buffer; bytes: number; skip: number } {
  const bytes = from.chance(4) ? from.below(1 << 20) : data.length
  const captured = data.subarray(0, Math.min(bytes, from.chance(3) ? from.below(40) : 1 << 20))
  return { data: captured, bytes, skip: from.chance(8) ? from.below(100) : 0 }
}

/**
 * A connection's life around what its protocol says: turns are changed, cut, doubled, said by the other side, and in part not seen.
 * No throw, no span without sense, no reason without a name, and `begins` takes anything.
 */
export const fuzzChunks =
  (open: OpenStream, begins: ProtocolEntry['begins'], said: Conversation) =>
  (from: Random): void => {
    const connection = { ...CONNECTION, adopted: from.chance(3) }
    const stream = open(connection, {
      emit: checkSpan,
      count: (reason, n = 1) => assert.ok(Object.hasOwn(ALL_REASONS, reason) && n >= 0, reason),
      verdict: () => undefined,
      unixTime: (ns) => [1_700_000_000, ns],
      ...NO_SERVICES,
    })
    const position = { request: 0, response: 0 }
    let first = from.below(said.length)
    for (let turn = 1; turn <= TURNS; turn++) {
      const [direction, whole] = said[first++ % said.length] ?? ['request', EMPTY]
      const side = from.chance(10) ? 'response' : direction
      let rest = from.chance(2) ? bytesOf(whole) : mutate(from, bytesOf(whole))
      while (rest.length > 0) {
        const size = from.chance(2) ? rest.length : 1 + from.below(rest.length)
        const { data, bytes, skip } = pieceOf(from, rest.subarray(0, size))
        rest = rest.subarray(size)
        position[side] += skip
        const times = { firstNs: turn, lastNs: turn, tgid: 1 }
        const chunk = {
          direction: side,
          position: position[side],
          bytes,
          data,
          tail: EMPTY,
          ...times,
        }
        begins(chunk, connection)
        stream.chunk(chunk)
        position[side] += bytes
      }
    }
    stream.end(from.pick(ENDS), TURNS + 1)
  }
