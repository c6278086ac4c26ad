import type { Conversation } from '../testing/chunk_play.ts'
import { CAPABILITY } from './handshake.ts'

/** For tests: packets of MariaDB and MySQL, as a client and a server write them. */

/** A packet with its header. */
export function packet(seq: number, ...parts: readonly (Buffer | string | number)[]): Buffer {
  const payload = Buffer.concat(
    parts.map((part) =>
      typeof part === 'number' ? Buffer.of(part) : Buffer.from(part as string, 'latin1'),
    ),
  )
  const head = Buffer.alloc(4)
  head.writeUIntLE(payload.length, 0, 3)
  head[3] = seq
  return Buffer.concat([head, payload])
}

export const u16 = (value: number): Buffer => Buffer.of(value & 0xff, value >> 8)
export const u32 = (value: number): Buffer =>
  Buffer.concat([u16(value & 0xffff), u16(value >>> 16)])
const zeros = (count: number) => Buffer.alloc(count)

const FLAGS = CAPABILITY.protocol41 | CAPABILITY.secureConnection
const VERSION = '5.5.5-10.11.19-MariaDB-0+deb12u1'

export const greeting = (version = VERSION, flags: number = FLAGS): Buffer =>
  packet(
    0,
    10,
    version,
    0,
    u32(7),
    '8 bytes.',
    0,
    u16(flags & 0xffff),
    45,
    u16(2),
    u16(flags >>> 16),
    21,
    zeros(10),
    'salt of 12..',
    0,
  )

/** `seq` 1 behind the greeting, 2 behind a request for TLS. */
export function login(database = 'shop', seq = 1, more = 0): Buffer {
  const flags = FLAGS | more | (database === '' ? 0 : CAPABILITY.connectWithDatabase)
  const name = database === '' ? '' : `${database}\0`
  return packet(seq, u32(flags), u32(1 << 24), 45, zeros(23), 'me\0', 3, 'pwd', name)
}

export const TLS_REQUEST = packet(1, u32(FLAGS | CAPABILITY.tls), u32(1 << 24), 45, zeros(23))

export const ok = (seq: number, status = 2, header = 0): Buffer =>
  packet(seq, header, 0, 0, u16(status), u16(0))
export const eof = (seq: number, status = 2): Buffer => packet(seq, 0xfe, u16(0), u16(status))
export const error = (seq: number, code = 1146, state = '42S02'): Buffer =>
  packet(seq, 0xff, u16(code), `#${state}`, 'secret words')
export const query = (sql: string): Buffer => packet(0, 3, sql)
export const prepare = (sql: string): Buffer => packet(0, 0x16, sql)
export const prepared = (id: number, columns: number, parameters: number): Buffer =>
  packet(1, 0, u32(id), u16(columns), u16(parameters), 0, u16(0))
export const execute = (id: number): Buffer => packet(0, 0x17, u32(id), 0, u32(1), 'secret')
export const column = (seq: number): Buffer => packet(seq, 3, 'def', 4, 'shop')

/** A packet of the compressed protocol: as it is without `pack`. */
export function compressed(
  seq: number,
  bytes: Buffer,
  pack?: (bytes: Buffer) => Buffer,
  length = pack === undefined ? 0 : bytes.length,
): Buffer {
  const payload = pack?.(bytes) ?? bytes
  const head = Buffer.alloc(7)
  head.writeUIntLE(payload.length, 0, 3)
  head[3] = seq
  head.writeUIntLE(length, 4, 3)
  return Buffer.concat([head, payload])
}

/** A result of one column, as servers before 5.7 write it, or without the end of the columns. */
export function rows(values: readonly string[], older = true, status = 2): Buffer {
  let seq = 1
  const row = (value: string) => packet(seq++, value.length, value)
  return Buffer.concat([
    packet(seq++, 1),
    column(seq++),
    ...(older ? [eof(seq++, status)] : []),
    ...values.map(row),
    older ? eof(seq, status) : ok(seq, status, 0xfe),
  ])
}

/** Joined, as one call sends them. */
export const all = (...packets: readonly Buffer[]): Buffer => Buffer.concat(packets)

export const ask = (...packets: readonly Buffer[]) => ['request', all(...packets)] as const
export const say = (...packets: readonly Buffer[]) => ['response', all(...packets)] as const
export const OPENING: Conversation = [say(greeting()), ask(login()), say(ok(2))]
/** A login that agrees on compression. */
export const COMPRESSED_OPENING: Conversation = [
  say(greeting('8.4.3', FLAGS | CAPABILITY.compress)),
  ask(login('shop', 1, CAPABILITY.compress)),
  say(ok(2)),
]
export const BEGIN: Conversation = [ask(query('BEGIN')), say(ok(1))]

/** The line of a server's span, with what it says behind its statement. */
export const spanOf = (summary: string, text: string, more = '', database = 'shop'): string =>
  [
    `${summary} server`,
    ...(database === '' ? [] : [`db.namespace=${database}`]),
    `db.query.summary=${summary}`,
    `db.query.text=${text}`,
    ...(more === '' ? [] : [more]),
  ].join(' ')
export const returned = (count: number): string => `db.response.returned_rows=${count}`
