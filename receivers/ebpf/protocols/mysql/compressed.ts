import { invalid, NEED_MORE, type ParsedFrame, type ParseResult } from '../../protocol.ts'
import { MAX_HELD_BYTES } from '../chunks/reader.ts'
import { inflateFront } from '../inflate.ts'

/** A packet of the compressed protocol. What it holds is a piece of the ordinary one, cut anywhere. */
export interface CompressedPacket {
  readonly seq: number
  /** Bytes of the piece. */
  readonly length: number
  readonly isPacked: boolean
  /** What was captured of it, packed or not. */
  readonly payload: Buffer
}

const HEADER_BYTES = 7
/** Of one packet no more is unpacked. */
const MAX_UNPACKED = 1 << 18
const ZSTD_MAGIC = 0xfd_2f_b5_28
const EMPTY = Buffer.alloc(0)

/**
 *     +---------------+--------+------------------------+---------+
 *     | length, 3, LE | seq, 1 | length unpacked, 3, LE | payload |
 *     +---------------+--------+------------------------+---------+
 *
 * An unpacked length of 0: the payload is as it is.
 * Source: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_compression_packet.html
 */
export function parseCompressed(bytes: Buffer): ParseResult<CompressedPacket> {
  if (bytes.length < HEADER_BYTES) return NEED_MORE
  const length = bytes.readUIntLE(0, 3)
  if (length === 0) return invalid('a compressed packet of nothing')
  const end = HEADER_BYTES + length
  if (bytes.length < Math.min(end, MAX_HELD_BYTES)) {
    return { kind: 'need_more', otherwise: frameOf(bytes, end) }
  }
  return frameOf(bytes, end)
}

/** Copies: the bytes may be lent. */
function frameOf(bytes: Buffer, end: number): ParsedFrame<CompressedPacket> {
  const unpacked = bytes.readUIntLE(4, 3)
  const frame = {
    seq: bytes[3] ?? 0,
    length: unpacked || end - HEADER_BYTES,
    isPacked: unpacked > 0,
    payload: Buffer.from(bytes.subarray(HEADER_BYTES, end)),
  }
  return { kind: 'frame', bytes: end, frame }
}

/** What is at hand of the piece, which may be only its front, or nothing; undefined if it makes no sense. */
export function unpack({ length, isPacked, payload }: CompressedPacket): Buffer | undefined {
  if (!isPacked) return payload
  const isZstd = payload.length >= 4 && payload.readUInt32LE(0) === ZSTD_MAGIC
  const codec = isZstd ? 'zstd' : 'zlib'
  if (length <= MAX_UNPACKED) return inflateFront(codec, payload, length)
  return inflateFront(codec, payload, MAX_UNPACKED) ?? EMPTY
}

/** What is at hand of the piece that a run begins with; undefined if it begins otherwise. */
export function unpackedFront(bytes: Buffer): Buffer | undefined {
  const result = parseCompressed(bytes)
  const parsed = result.kind === 'need_more' ? result.otherwise : result
  return parsed?.kind === 'frame' ? unpack(parsed.frame) : undefined
}
