import type { Chunk, Direction } from '../../protocol.ts'
import { HpackDecoder } from './hpack.ts'
import {
  Flag,
  FRAME_HEAD_BYTES,
  FrameType,
  frameBytesAt,
  headerBlock,
  isFrameHead,
  PREFACE,
  parseFrame,
} from './parse.ts'

/** Bytes that are looked through for a frame. */
const SEARCH_BYTES = 4096

/** The preface of either side; else a request: the connection may be older than weir, or than its probes of a TLS library. */
export const beginsHttp2 = ({ direction, data }: Pick<Chunk, 'direction' | 'data'>): boolean =>
  direction === 'response' ? beginsSettings(data) : beginsPreface(data) || beginsRequests(data)

export const beginsPreface = (bytes: Buffer): boolean =>
  bytes.length >= PREFACE.length &&
  bytes.compare(PREFACE, 0, PREFACE.length, 0, PREFACE.length) === 0

/** SETTINGS with nothing in it, as a server sends that is content with what is usual. */
const NO_SETTINGS = Buffer.from('000000040000000000', 'hex')

/** The server's preface: SETTINGS as no other protocol begins. */
export function beginsSettings(bytes: Buffer): boolean {
  if (
    bytes.length >= FRAME_HEAD_BYTES &&
    bytes.compare(NO_SETTINGS, 0, FRAME_HEAD_BYTES, 0, FRAME_HEAD_BYTES) === 0
  )
    return true
  if (bytes.length < FRAME_HEAD_BYTES + 6 || !isFrameHead('response', bytes)) return false
  const isFirst = bytes[3] === FrameType.settings && bytes[4] === 0 && frameBytesAt(bytes, 0) < 256
  const setting = bytes.readUInt16BE(FRAME_HEAD_BYTES)
  return isFirst && setting >= 1 && setting <= 9
}

/**
 * Frames, one after another from the first byte on, among them a request's HEADERS that make sense: how a connection is recognised
 * that is older than weir.
 */
function beginsRequests(bytes: Buffer): boolean {
  let at = 0
  while (at + FRAME_HEAD_BYTES <= bytes.length && isFrameHead('request', bytes, at)) {
    if (bytes[at + 3] === FrameType.headers) return isRequest(bytes.subarray(at))
    at += frameBytesAt(bytes, at)
  }
  return false
}

const PSEUDO = /^:(?:method|scheme|path|authority)$/

/** With two pseudo fields at least whose names are static or literal, and nothing that no request has. */
function isRequest(bytes: Buffer): boolean {
  const result = parseFrame('request', bytes)
  if (result.kind !== 'frame') return false
  const { flags, stream } = result.frame
  const block = headerBlock(result.frame)
  if (block === undefined || (stream & 1) === 0 || (flags & Flag.endHeaders) === 0) return false
  const hpack = new HpackDecoder()
  hpack.forget()
  let pseudo = 0
  let isWrong = false
  const isWhole = hpack.decode(block, (name) => {
    if (name === undefined) return
    if (PSEUDO.test(name)) pseudo++
    else if (name.startsWith(':')) isWrong = name !== ':protocol'
  })
  return isWhole && !isWrong && pseudo >= 2
}

/**
 * Where in the bytes of a chunk that moved `bytes` a frame begins, after some were missed; -1 when that is not sure. At its front one
 * that another one follows, or that ends with the chunk; else one of a stream that is open.
 */
export function findFrame(
  direction: Direction,
  data: Buffer,
  bytes: number,
  isOpen: (stream: number) => boolean,
): number {
  if (beginsRow(direction, data, bytes)) return 0
  if (direction === 'request' && (beginsPreface(data) || beginsRequests(data))) return 0
  const last = Math.min(data.length, SEARCH_BYTES) - FRAME_HEAD_BYTES
  for (let at = 0; at <= last; at++) {
    const type = data[at + 3] as number
    const stream = data.readUInt32BE(at + 5)
    const mayBe = type === FrameType.data || type === FrameType.headers
    if (mayBe && isOpen(stream) && isFrameHead(direction, data, at)) return at
  }
  return -1
}

function beginsRow(direction: Direction, data: Buffer, bytes: number): boolean {
  let at = 0
  let frames = 0
  while (at + FRAME_HEAD_BYTES <= data.length) {
    if (!isFrameHead(direction, data, at) || (data[at + 3] as number) > FrameType.continuation)
      return false
    at += frameBytesAt(data, at)
    frames++
  }
  return frames > 0 && (frames > 1 || at === bytes)
}
