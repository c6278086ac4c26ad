import { type Direction, invalid, NEED_MORE, type ParseResult } from '../../protocol.ts'
import { apiOf } from './apis.ts'
import type { Head, KafkaFrame } from './frame.ts'

/** More than any broker takes. */
const MAX_SIZE = 1 << 30
const REQUEST_BYTES = 14
const RESPONSE_BYTES = 8
const MAX_CLIENT_ID_BYTES = 255
const PRINTABLE = /^[\x20-\x7e]*$/

const head = (bytes: number, part: Head): ParseResult<KafkaFrame> => ({
  kind: 'frame',
  bytes,
  frame: { bytes, part },
})

/**
 *     size 4 | key 2 | version 2 | correlation id 4 | client id 2 + n | tagged fields, of flexible versions
 *     size 4 | correlation id 4 | tagged fields, of flexible versions but ApiVersions
 *
 * Source: https://kafka.apache.org/protocol.html#protocol_messages. Tagged fields are left to what reads the body.
 */
export function parseHead(direction: Direction, bytes: Buffer): ParseResult<KafkaFrame> {
  return direction === 'request' ? parseRequest(bytes) : parseResponse(bytes)
}

function parseRequest(bytes: Buffer): ParseResult<KafkaFrame> {
  if (bytes.length < REQUEST_BYTES) return NEED_MORE
  const size = bytes.readInt32BE(0)
  const key = bytes.readInt16BE(4)
  const version = bytes.readInt16BE(6)
  const correlationId = bytes.readInt32BE(8)
  const idBytes = Math.max(bytes.readInt16BE(12), 0)
  const api = apiOf(key, version)
  const end = REQUEST_BYTES + idBytes
  if (size < end - 4 || size > MAX_SIZE) return invalid('a size is impossible')
  if (api === undefined) return invalid('no such request')
  if (correlationId < 0 || idBytes > MAX_CLIENT_ID_BYTES) return invalid('no head of a request')
  if (bytes.length < end) return NEED_MORE
  const clientId = bytes.toString('latin1', REQUEST_BYTES, end)
  if (!PRINTABLE.test(clientId)) return invalid('no name of a client')
  const request = { key, version, api, clientId }
  return head(end, { part: 'head', left: 4 + size - end, correlationId, request })
}

function parseResponse(bytes: Buffer): ParseResult<KafkaFrame> {
  if (bytes.length < RESPONSE_BYTES) return NEED_MORE
  const size = bytes.readInt32BE(0)
  const correlationId = bytes.readInt32BE(4)
  if (size < 4 || size > MAX_SIZE) return invalid('a size is impossible')
  if (correlationId < 0) return invalid('no head of a response')
  return head(RESPONSE_BYTES, { part: 'head', left: size - 4, correlationId, request: undefined })
}

/** Does a request begin with these bytes? One without a client id has to be whole. */
export function beginsRequest(bytes: Buffer): boolean {
  if (bytes.length < REQUEST_BYTES) return false
  const result = parseRequest(bytes)
  if (result.kind === 'invalid') return false
  const idBytes = bytes.readInt16BE(12)
  if (idBytes <= 0) return idBytes >= -1 && bytes.length === 4 + bytes.readInt32BE(0)
  return bytes.length > REQUEST_BYTES && PRINTABLE.test(idOf(bytes, idBytes))
}

const idOf = (bytes: Buffer, idBytes: number) =>
  bytes.toString('latin1', REQUEST_BYTES, REQUEST_BYTES + idBytes)

/** The number of what a response at the front answers; undefined if none begins there. */
export function answeredBy(bytes: Buffer): number | undefined {
  const result = parseResponse(bytes)
  return result.kind === 'frame' && result.frame.part.part === 'head'
    ? result.frame.part.correlationId
    : undefined
}
