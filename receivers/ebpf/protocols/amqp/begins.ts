import type { Direction } from '../../protocol.ts'
import { methodOf } from './methods.ts'
import { FRAME_END, HEADER_BYTES, parseFrame } from './parse.ts'

/** Could a frame begin here, which is at hand up to its end: the opening of a client, a heartbeat, a method that the side may say? */
export function beginsAmqp(direction: Direction, bytes: Buffer): boolean {
  const result = parseFrame(direction, bytes)
  if (result.kind !== 'frame') return false
  const { type, channel, size, payload } = result.frame
  if (type === 'opening') return true
  if (bytes[HEADER_BYTES + size] !== FRAME_END) return false
  if (type === 'heartbeat') return true
  return type === 'method' && channel <= MAX_CHANNEL && methodOf(direction, payload) !== undefined
}

/** RabbitMQ's own default is 2,047. */
const MAX_CHANNEL = 4095
