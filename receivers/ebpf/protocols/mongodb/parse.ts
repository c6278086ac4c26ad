import { type Direction, invalid, NEED_MORE, type ParseResult } from '../../protocol.ts'
import { documentBytes, elements } from './bson.ts'

/** A message, and the front of its body. */
export interface MongoFrame {
  readonly requestId: number
  /** The request that it answers; 0 of a request. */
  readonly responseTo: number
  readonly opCode: number
  /** A copy, as far as it matters or was captured. */
  readonly body: Buffer
}

/** Source: https://github.com/mongodb/specifications/blob/master/source/message/OP_MSG.md and the wire protocol's reference */
export const OP = {
  reply: 1,
  update: 2001,
  insert: 2002,
  query: 2004,
  getMore: 2005,
  remove: 2006,
  killCursors: 2007,
  compressed: 2012,
  message: 2013,
} as const

/** Of OP_MSG. */
export const FLAGS = { checksum: 1, moreToCome: 2, exhaustAllowed: 1 << 16 } as const

const HEADER_BYTES = 16
/** Of the body: command, collection and database lie in front, errors are short. */
const WANTED_BYTES = 12 << 10
/** The server's own limit is 48,000,000. */
const MAX_LENGTH = 64 << 20
const KNOWN_FLAGS = FLAGS.checksum | FLAGS.moreToCome | FLAGS.exhaustAllowed
const REQUESTS = new Set<number>([
  OP.update,
  OP.insert,
  OP.query,
  OP.getMore,
  OP.remove,
  OP.killCursors,
  OP.compressed,
  OP.message,
])
const RESPONSES = new Set<number>([OP.reply, OP.compressed, OP.message])

/**
 *     length 4 | request id 4 | response to 4 | operation 4 | body        little-endian
 */
export function parseFrame(direction: Direction, bytes: Buffer): ParseResult<MongoFrame> {
  if (bytes.length < HEADER_BYTES) return NEED_MORE
  const length = bytes.readInt32LE(0)
  const responseTo = bytes.readInt32LE(8)
  const opCode = bytes.readInt32LE(12)
  if (length <= HEADER_BYTES || length > MAX_LENGTH) return invalid('a length is impossible')
  const isRequest = direction === 'request'
  if (!(isRequest ? REQUESTS : RESPONSES).has(opCode)) return invalid('no such operation')
  if (isRequest && responseTo !== 0) return invalid('a request that answers something')
  const own = bytes.subarray(HEADER_BYTES, Math.min(length, HEADER_BYTES + WANTED_BYTES))
  const frame = () => {
    const requestId = bytes.readInt32LE(4)
    const parsed = { requestId, responseTo, opCode, body: Buffer.from(own) }
    return { kind: 'frame', bytes: length, frame: parsed } as const
  }
  const wanted = Math.min(length - HEADER_BYTES, WANTED_BYTES)
  return own.length < wanted ? { kind: 'need_more', otherwise: frame() } : frame()
}

/** What tells a request from anything else lies here; no operation has less. */
const MIN_BODY_BYTES = 10
const NAME = /^[\x20-\x7e]{1,120}\0/
const COMMAND = /^[a-zA-Z_]\w*$/

/** Does a request begin with these bytes, its body too as far as it is at hand? */
export function beginsRequest(bytes: Buffer): boolean {
  const result = parseFrame('request', bytes)
  const parsed = result.kind === 'need_more' ? result.otherwise : result
  if (parsed?.kind !== 'frame') return false
  const { opCode, body } = parsed.frame
  if (body.length < MIN_BODY_BYTES) return false
  if (opCode === OP.message) return beginsMessage(body)
  if (opCode === OP.compressed) return REQUESTS.has(body.readInt32LE(0)) && (body[8] ?? 9) <= 3
  return NAME.test(body.toString('latin1', 4, 125))
}

/** Flags, a section of a known kind, and in one of kind 0 a document that begins with a command. */
function beginsMessage(body: Buffer): boolean {
  if ((body.readUInt32LE(0) & ~KNOWN_FLAGS) !== 0) return false
  if (body[4] === 1) return NAME.test(body.toString('latin1', 9, 130))
  const document = body.subarray(5)
  if (body[4] !== 0 || documentBytes(document) === undefined) return false
  const [first] = elements(document)
  return first !== undefined && COMMAND.test(first.name)
}
