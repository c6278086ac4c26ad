import type { Direction } from '../../protocol.ts'
import { type NatsFrame, parseFrame } from './parse.ts'

/** What others say as well, or may. */
const COMMON: ReadonlySet<string> = new Set(['PING', 'PONG', '+OK', '-ERR', 'UNSUB'])
const GREETING = 'INFO {"server_id":'

/** Of the line that begins here, though what is behind it may be still to come. */
function lineOf(direction: Direction, bytes: Buffer): NatsFrame | undefined {
  const result = parseFrame(direction, bytes)
  const known = result.kind === 'need_more' ? result.otherwise : result
  return known?.kind === 'frame' ? known.frame : undefined
}

/** Could a line begin here? */
export const beginsNats = (direction: Direction, bytes: Buffer): boolean =>
  lineOf(direction, bytes) !== undefined

/** What a server says first, which may be longer than what is captured of it. */
export const isGreeting = (direction: Direction, bytes: Buffer): boolean =>
  direction === 'response' && bytes.toString('latin1', 0, GREETING.length) === GREETING

/** Is this surely NATS: a greeting, or a line that names a subject? */
export function isNats(direction: Direction, bytes: Buffer): boolean {
  const line = lineOf(direction, bytes)
  return line === undefined ? isGreeting(direction, bytes) : !COMMON.has(line.verb)
}
