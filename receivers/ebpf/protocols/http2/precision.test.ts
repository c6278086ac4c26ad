import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Random, random } from '../../../../test/fuzz/random.ts'
import { full } from '../../../../test/size.ts'
import { openStreams, PROTOCOL_DEFAULTS } from '../table.ts'
import { type Conversation, play } from '../testing/chunk_play.ts'
import { FrameType } from './parse.ts'
import { frame } from './testing.ts'

/** Of all kinds together, to each role, whole and joined late: 200 MB in the full form. */
const BYTES = full ? 200e6 : 2e6
const TURN_BYTES = 600
const TYPES = Object.values(FrameType)

/** As heads of frames go, and then anything. */
const likeFrames = (from: Random) => {
  const type = TYPES[from.below(TYPES.length)] ?? 0
  const head = frame(type, from.below(64), from.below(9), from.bytes(from.below(40)))
  return Buffer.concat([head, from.bytes(from.below(TURN_BYTES))])
}

/** SETTINGS as a server begins with, and then anything: it is taken for HTTP/2, and must show none. */
const likeServer = (from: Random) =>
  Buffer.concat([Buffer.from('000006040000000000000300000064', 'hex'), from.bytes(TURN_BYTES)])

/** Fields of protobuf, as gRPC sends them too, but for its frames: a length and a flag in front. */
const protobuf = (from: Random) => {
  const fields = Array.from({ length: 1 + from.below(20) }, () => {
    const bytes = from.bytes(from.below(60))
    return Buffer.concat([Buffer.from([((1 + from.below(9)) << 3) | 2, bytes.length]), bytes])
  })
  const message = Buffer.concat(fields)
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, from.below(2))
  return Buffer.concat([prefix, message])
}

const KINDS: Readonly<Record<string, (from: Random) => Buffer>> = {
  'random bytes': (from) => from.bytes(TURN_BYTES),
  'random bytes behind heads like those of frames': likeFrames,
  'random bytes behind SETTINGS': likeServer,
  'messages of protobuf': protobuf,
  zeros: (from) => Buffer.alloc(from.below(TURN_BYTES)),
}

describe('no HTTP/2 where there is none', () => {
  const open = openStreams(PROTOCOL_DEFAULTS)
  for (const [name, make] of Object.entries(KINDS)) {
    test(name, () => {
      const from = random(1)
      let bytes = 0
      for (let i = 0; bytes < BYTES / Object.keys(KINDS).length; i++) {
        const turns = Array.from({ length: 12 }, () => make(from))
        bytes += turns.reduce((sum, turn) => sum + turn.length, 0)
        const conversation: Conversation = turns.map((turn, at) => [
          at % 2 === 0 ? 'request' : 'response',
          turn,
        ])
        const role = i % 2 === 0 ? 'server' : 'client'
        const connection = { role, adopted: i % 3 === 0 } as const
        const { spans } = play(open, conversation, { connection, end: 'closed' })
        assert.deepEqual(spans, [], `seed 1, conversation ${i}`)
      }
    })
  }
})
