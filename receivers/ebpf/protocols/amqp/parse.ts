import {
  type Direction,
  invalid,
  NEED_MORE,
  type ParsedFrame,
  type ParseResult,
} from '../../protocol.ts'

/** A frame, and the front of its payload. */
export interface AmqpFrame {
  /** `opening`: the eight bytes that a client begins with. */
  readonly type: 'opening' | 'method' | 'header' | 'body' | 'heartbeat'
  readonly channel: number
  /** Bytes of the whole payload. */
  readonly size: number
  /** A copy, as far as it matters or was captured; empty of a body. */
  readonly payload: Buffer
}

const TYPES: Readonly<Record<number, AmqpFrame['type']>> = {
  1: 'method',
  2: 'header',
  3: 'body',
  8: 'heartbeat',
}
const OPENING = Buffer.from('AMQP\0\0\x09\x01', 'latin1')
export const HEADER_BYTES = 7
export const FRAME_END = 0xce
/** Of methods and of headers: names lie in front, traces hardly behind this. */
const WANTED_BYTES = 4096
/** RabbitMQ agrees on 128 KiB, and takes no more channels by default than 2,047. */
const MAX_SIZE = 16 << 20
const EMPTY = Buffer.alloc(0)

/**
 *     type 1 | channel 2 | size 4 | payload | 0xce        big-endian
 *
 * Source: https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, 4.2
 */
export function parseFrame(direction: Direction, bytes: Buffer): ParseResult<AmqpFrame> {
  if (bytes.length === 0) return NEED_MORE
  if (direction === 'request' && bytes[0] === OPENING[0]) return parseOpening(bytes)
  if (bytes.length < HEADER_BYTES) return NEED_MORE
  const type = TYPES[bytes[0] ?? 0]
  const channel = bytes.readUInt16BE(1)
  const size = bytes.readUInt32BE(3)
  if (type === undefined) return invalid('no such type of frame')
  if (size > MAX_SIZE) return invalid('a frame is longer than any is')
  if (type === 'heartbeat' && (channel > 0 || size > 0))
    return invalid('a heartbeat with a payload')
  const end = HEADER_BYTES + size
  if (bytes.length > end && bytes[end] !== FRAME_END) return invalid('a frame has no end')
  const wanted = type === 'body' ? 0 : Math.min(size, WANTED_BYTES)
  const frame = () => {
    const front = bytes.subarray(HEADER_BYTES, HEADER_BYTES + wanted)
    const payload = wanted === 0 ? EMPTY : Buffer.from(front)
    return { kind: 'frame', bytes: end + 1, frame: { type, channel, size, payload } } as const
  }
  return bytes.length < HEADER_BYTES + wanted ? { kind: 'need_more', otherwise: frame() } : frame()
}

/** A part of a body, of which nothing has to be seen. */
export const bodyFrame = (channel: number, size: number): ParsedFrame<AmqpFrame> => ({
  kind: 'frame',
  bytes: HEADER_BYTES + size + 1,
  frame: { type: 'body', channel, size, payload: EMPTY },
})

function parseOpening(bytes: Buffer): ParseResult<AmqpFrame> {
  const front = bytes.subarray(0, OPENING.length)
  if (!front.equals(OPENING.subarray(0, front.length))) return invalid('another version of AMQP')
  if (front.length < OPENING.length) return NEED_MORE
  const frame: AmqpFrame = { type: 'opening', channel: 0, size: 0, payload: EMPTY }
  return { kind: 'frame', bytes: OPENING.length, frame }
}
