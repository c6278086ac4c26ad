import type { Direction } from '../../protocol.ts'
import { CODES, parseFrame, startupParameters } from './parse.ts'

const STARTS = new Set<number>([CODES.tls, CODES.gss, CODES.cancel])
/** What a client's turn begins with, once it is connected, and what it ends with. */
const FIRST = 'QPB'
const LAST = 'QSH'
/** Of a statement that goes on behind these bytes. */
const TEXT = /^[\t\n\r\x20-\x7e]+$/
const MAX_FRAMES = 1000

/** A request for TLS or GSS encryption, whose answer comes in the clear. */
export const asksForTls = (bytes: Buffer): boolean =>
  bytes.length === 8 &&
  bytes.readUInt32BE(0) === 8 &&
  [CODES.tls, CODES.gss].some((code) => code === bytes.readUInt32BE(4))

/** Does a connection begin with these bytes? */
export function beginsStartup(bytes: Buffer): boolean {
  if (bytes.length < 8) return false
  const length = bytes.readUInt32BE(0)
  const code = bytes.readUInt32BE(4)
  if (STARTS.has(code))
    return length === (code === CODES.cancel ? 16 : 8) && bytes.length === length
  const parsed = parseFrame('request', 'startup', bytes)
  if (code !== CODES.version3 || parsed.kind !== 'frame') return false
  return startupParameters(parsed.frame.body).has('user')
}

/** Does a turn begin with these bytes, on a connection that is under way? Of a client it has to be whole, and hang together. */
export function beginsMessages(direction: Direction, bytes: Buffer): boolean {
  let last = ''
  let at = 0
  for (let i = 0; i < MAX_FRAMES && at < bytes.length; i++) {
    const result = parseFrame(direction, 'messages', bytes.subarray(at))
    if (result.kind === 'need_more') return at > 0 || beginsStatement(direction, bytes)
    if (result.kind !== 'frame') return false
    last = result.frame.tag
    if (at === 0 && direction === 'request' && !FIRST.includes(last)) return false
    at += result.bytes
  }
  if (direction === 'response') return at > 0
  return at > 0 && at === bytes.length && LAST.includes(last) && hasStatement(bytes)
}

/** The first message ends as it must: with a 0 of a query, and a 0 behind each name. */
function hasStatement(bytes: Buffer): boolean {
  const end = 1 + bytes.readUInt32BE(1)
  if (bytes[0] === 0x51) return end > 6 && bytes[end - 1] === 0 && bytes.indexOf(0, 5) === end - 1
  return bytes.indexOf(0, 5) < end
}

/** A statement longer than what is at hand. */
function beginsStatement(direction: Direction, bytes: Buffer): boolean {
  if (direction === 'response') return bytes.length > 5
  return bytes[0] === 0x51 && bytes.length > 64 && TEXT.test(bytes.toString('latin1', 5))
}
