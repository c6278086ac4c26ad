import {
  ATTR_URL_FULL,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
  ATTR_USER_AGENT_ORIGINAL,
} from '@opentelemetry/semantic-conventions'
import { encodeAttributes } from '../../../../pipeline/codec/encode_common.ts'
import { ProtobufWriter } from '../../../../pipeline/codec/protobuf_writer.ts'
import { len, varint } from '../../../../pipeline/codec/wire.ts'
import type { Attributes } from '../../../../pipeline/data/attributes.ts'
import { ATTR_HTTP_REQUEST_BODY_SIZE, ATTR_HTTP_RESPONSE_BODY_SIZE } from '../../semconv.ts'

/** Of Span. */
const ATTRIBUTES = len(9)
const KEY = len(1)
const VALUE = len(2)
const STRING_VALUE = len(1)
const INT_VALUE = varint(3)

const scratch = new ProtobufWriter()

/** Bytes of a part of a Span that stays the same. Connections have some each: they share Node's pool of memory. */
export function encoded(write: (w: ProtobufWriter) => void): Uint8Array {
  scratch.reset()
  write(scratch)
  return Buffer.from(scratch.toBytes())
}

export const encodedAttributes = (attributes: Attributes): Uint8Array =>
  encoded((w) => encodeAttributes(w, ATTRIBUTES, attributes))

/** The key of an attribute, as `writeText` and `writeInt` take it. */
export const encodedKey = (key: string): Uint8Array => encoded((w) => w.string(KEY, key))

export const KEYS = {
  path: encodedKey(ATTR_URL_PATH),
  query: encodedKey(ATTR_URL_QUERY),
  full: encodedKey(ATTR_URL_FULL),
  userAgent: encodedKey(ATTR_USER_AGENT_ORIGINAL),
  requestBody: encodedKey(ATTR_HTTP_REQUEST_BODY_SIZE),
  responseBody: encodedKey(ATTR_HTTP_RESPONSE_BODY_SIZE),
}

/** An attribute whose value is \`front\` and then the bytes from \`from\` to \`to\`, all of them ASCII. */
export function writeText(
  w: ProtobufWriter,
  key: Uint8Array,
  front: Uint8Array,
  bytes: Uint8Array,
  from: number,
  to: number,
): void {
  const length = front.length + to - from
  const value = 1 + varintBytes(length) + length
  w.head(ATTRIBUTES, key.length + 1 + varintBytes(value) + value)
  w.raw(key)
  w.head(VALUE, value)
  w.head(STRING_VALUE, length)
  w.raw(front)
  w.copy(bytes, from, to)
}

/** An attribute of a whole number below 2^31. */
export function writeInt(w: ProtobufWriter, key: Uint8Array, number: number): void {
  const value = 1 + varintBytes(number)
  w.head(ATTRIBUTES, key.length + 2 + value)
  w.raw(key)
  w.head(VALUE, value)
  w.uint32(INT_VALUE, number)
}

function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest >= 0x80; rest >>>= 7) bytes++
  return bytes
}
