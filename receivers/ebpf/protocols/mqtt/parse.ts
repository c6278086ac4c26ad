import {
  type Direction,
  invalid,
  NEED_MORE,
  type ParsedFrame,
  type ParseResult,
} from '../../protocol.ts'

export type PacketType =
  | 'connect'
  | 'connack'
  | 'publish'
  | 'puback'
  | 'pubrec'
  | 'pubrel'
  | 'pubcomp'
  | 'subscribe'
  | 'suback'
  | 'unsubscribe'
  | 'unsuback'
  | 'pingreq'
  | 'pingresp'
  | 'disconnect'
  | 'auth'

/** A packet, and the front of what follows its fixed header. */
export interface MqttFrame {
  readonly type: PacketType
  /** The lower half of the first byte: of `publish` retained, quality of service, sent again. */
  readonly flags: number
  /** Of the whole packet behind its fixed header. */
  readonly size: number
  /** A copy, as far as it matters or was captured. */
  readonly body: Buffer
}

/** By their number: who sends them, the flags that they must have, and the size, if it is always the same. */
interface Rule {
  readonly type: PacketType
  readonly from: Direction | 'both'
  readonly flags: number | undefined
  readonly least: number
}

const rule = (
  type: PacketType,
  from: Rule['from'],
  flags: number | undefined,
  least: number,
): Rule => ({ type, from, flags, least })

const RULES: readonly (Rule | undefined)[] = [
  undefined,
  rule('connect', 'request', 0, 10),
  rule('connack', 'response', 0, 2),
  rule('publish', 'both', undefined, 2),
  rule('puback', 'both', 0, 2),
  rule('pubrec', 'both', 0, 2),
  rule('pubrel', 'both', 2, 2),
  rule('pubcomp', 'both', 0, 2),
  rule('subscribe', 'request', 2, 5),
  rule('suback', 'response', 0, 3),
  rule('unsubscribe', 'request', 2, 4),
  rule('unsuback', 'response', 0, 2),
  rule('pingreq', 'request', 0, 0),
  rule('pingresp', 'response', 0, 0),
  rule('disconnect', 'both', 0, 0),
  rule('auth', 'both', 0, 0),
]

/** Topic and properties lie in front; a trace hardly behind this. */
const WANTED_BYTES = 4096
const MAX_LENGTH_BYTES = 4

/**
 *     type and flags 1 | length 1 to 4, seven bits each, the lowest first | as many bytes
 *
 * Source: https://docs.oasis-open.org/mqtt/mqtt/v5.0/os/mqtt-v5.0-os.html, 2.1
 */
export function parseFrame(direction: Direction, bytes: Buffer): ParseResult<MqttFrame> {
  if (bytes.length < 2) return NEED_MORE
  const first = bytes[0] ?? 0
  const of = RULES[first >> 4]
  const flags = first & 15
  if (of === undefined || (of.flags !== undefined && of.flags !== flags))
    return invalid('no such packet')
  if (of.from !== 'both' && of.from !== direction) return invalid('the other side says that')
  if (of.type === 'publish' && (flags & 6) === 6) return invalid('a quality that does not exist')
  const length = lengthAt(bytes, 1)
  if (length === 'more') return NEED_MORE
  if (length === undefined || length.value < of.least) return invalid('a length is impossible')
  return packet(of.type, flags, length.value, bytes, 1 + length.bytes)
}

function packet(
  type: PacketType,
  flags: number,
  size: number,
  bytes: Buffer,
  begin: number,
): ParseResult<MqttFrame> {
  const wanted = Math.min(size, WANTED_BYTES)
  const frame = (): ParsedFrame<MqttFrame> => {
    const body = Buffer.from(bytes.subarray(begin, begin + wanted))
    return { kind: 'frame', bytes: begin + size, frame: { type, flags, size, body } }
  }
  return bytes.length < begin + wanted ? { kind: 'need_more', otherwise: frame() } : frame()
}

/** A number of up to four bytes; undefined of one that is longer. */
export function lengthAt(
  bytes: Buffer,
  at: number,
): { readonly value: number; readonly bytes: number } | 'more' | undefined {
  let value = 0
  for (let i = 0; i < MAX_LENGTH_BYTES; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) return 'more'
    value += (byte & 0x7f) * 128 ** i
    if (byte < 0x80) return { value, bytes: i + 1 }
  }
  return undefined
}
