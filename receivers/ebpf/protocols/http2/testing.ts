import { PREFACE } from './parse.ts'

/** Builds what tests say: frames, and header blocks without Huffman. */
export const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer => {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

const sized = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)])

/** A field that no table has (0x00) or that enters it (0x40). */
const literal = (first: number, [name, value]: readonly [string, string]) =>
  Buffer.concat([Buffer.from([first]), sized(name), sized(value)])

export type Fields = readonly (readonly [name: string, value: string])[]

/** Of short fields; a number is an index. */
export const block = (...fields: readonly (number | readonly [string, string])[]): Buffer =>
  Buffer.concat(
    fields.map((field) =>
      typeof field === 'number' ? Buffer.from([0x80 | field]) : literal(0, field),
    ),
  )

/** The same, and they enter the table. */
export const indexed = (...fields: Fields): Buffer =>
  Buffer.concat(fields.map((field) => literal(0x40, field)))

export const headers = (stream: number, payload: Buffer, flags = 4): Buffer =>
  frame(1, flags, stream, payload)

export const END = 5 // END_HEADERS and END_STREAM

export const data = (stream: number, text: string | Buffer, isEnd = true): Buffer =>
  frame(0, isEnd ? 1 : 0, stream, Buffer.from(text))

export const all = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts)

export const SETTINGS = frame(4, 0, 0, Buffer.from('000300000064', 'hex'))
const ACK = frame(4, 1, 0, Buffer.alloc(0))
export const CLIENT = all(PREFACE, SETTINGS)
export const SERVER = all(SETTINGS, ACK)

export const reset = (stream: number, code: number): Buffer =>
  frame(3, 0, stream, Buffer.from([0, 0, 0, code]))

export const goaway = (last: number, code: number): Buffer =>
  frame(7, 0, 0, Buffer.from([0, 0, 0, last, 0, 0, 0, code]))

/** GET of `path`, which ends the request. */
export const get = (stream: number, path: string, ...more: Fields): Buffer =>
  headers(stream, block(2, 6, [':path', path], [':authority', 'shop'], ...more), END)

export const post = (stream: number, path: string, ...more: Fields): Buffer =>
  headers(stream, block(3, 6, [':path', path], [':authority', 'shop'], ...more))

/** Status 200. */
export const ok = (stream: number, flags = END): Buffer => headers(stream, block(8), flags)

/** A message of gRPC. */
export const message = (text: string): Buffer =>
  all(Buffer.from([0, 0, 0, 0, text.length]), Buffer.from(text))

/** What gRPC-Web has behind its messages. */
export const webTrailers = (text: string): Buffer =>
  all(Buffer.from([0x80, 0, 0, 0, text.length]), Buffer.from(text))

export const GRPC = ['content-type', 'application/grpc+proto'] as const

/** The same frames on another stream. */
export const withStream = (frames: Buffer, stream: number): Buffer => {
  const bytes = Buffer.from(frames)
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
    bytes.writeUInt32BE(stream, at + 5)
  }
  return bytes
}
