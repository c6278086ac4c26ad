import { lengthAt } from './packet.ts'

/** What a server says first. */
export interface Greeting {
  readonly mariadb: boolean
  readonly capabilities: number
}

/** What a client says who logs in, or asks for TLS. */
export interface Login {
  readonly capabilities: number
  /** '' without one; undefined when it is not among the bytes at hand. */
  readonly database: string | undefined
}

/** Source: https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__capabilities__flags.html */
export const CAPABILITY = {
  connectWithDatabase: 0x08,
  compress: 0x20,
  protocol41: 0x200,
  tls: 0x800,
  secureConnection: 0x8000,
  lengthOfAuth: 0x20_00_00,
  zstd: 0x4_00_00_00,
} as const

/** Bytes of a greeting's or a login's payload that matter, and of one that only asks for TLS. */
export const HANDSHAKE_BYTES = 512
export const TLS_REQUEST_BYTES = 32
const LONGEST_VERSION = 64
const VERSION_10 = 10
const VERSION = /^\d+\.\d+[\x20-\x7e]*$/

/**
 * Undefined if it is none.
 *
 *     +----+------------+--------------+---------+---+----------+---------+--------+----------+---
 *     | 10 | version, 0 | thread id, 4 | salt, 8 | 0 | flags, 2 | charset | status | flags, 2 | ...
 *     +----+------------+--------------+---------+---+----------+---------+--------+----------+---
 *
 * Source: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html
 */
export function greetingOf(body: Buffer): Greeting | undefined {
  const end = body.indexOf(0)
  if (body[0] !== VERSION_10 || end < 0 || end > LONGEST_VERSION) return undefined
  const version = body.toString('latin1', 1, end)
  const flags = end + 1 + 4 + 8 + 1
  if (!VERSION.test(version) || body.length < flags + 7 || body[flags - 1] !== 0) return undefined
  const capabilities = body.readUInt16LE(flags) | (body.readUInt16LE(flags + 5) << 16)
  return { mariadb: /mariadb/i.test(version), capabilities }
}

/**
 * Undefined if it is none.
 *
 *     +----------+---------------+---------+-----------+---------+-------------+----------------+
 *     | flags, 4 | max packet, 4 | charset | zeros, 19 | more, 4 | user, 0 ... | database, 0 ...
 *     +----------+---------------+---------+-----------+---------+-------------+----------------+
 *
 * Source: https://mariadb.com/kb/en/connection/#client-handshake-response
 */
export function loginOf(body: Buffer): Login | undefined {
  if (body.length < TLS_REQUEST_BYTES) return undefined
  const capabilities = body.readUInt32LE(0)
  if (!(capabilities & CAPABILITY.protocol41) || body.subarray(9, 28).some((byte) => byte !== 0)) {
    return undefined
  }
  const database = capabilities & CAPABILITY.connectWithDatabase ? databaseOf(body) : ''
  return { capabilities, database }
}

/** Behind the user and what proves it. */
function databaseOf(body: Buffer): string | undefined {
  const capabilities = body.readUInt32LE(0)
  const auth = body.indexOf(0, TLS_REQUEST_BYTES) + 1
  if (auth === 0) return undefined
  return textAt(body, authEnd(body, auth, capabilities))
}

/** Where the proof that begins at `at` ends. */
function authEnd(body: Buffer, at: number, capabilities: number): number {
  if (capabilities & CAPABILITY.lengthOfAuth) {
    const length = lengthAt(body, at)
    return length === undefined ? body.length : length.end + length.value
  }
  if (capabilities & CAPABILITY.secureConnection) return at + 1 + (body[at] ?? body.length)
  return body.indexOf(0, at) + 1 || body.length
}

/** The text that begins at `at` and ends with a 0; undefined without one. */
function textAt(body: Buffer, at: number): string | undefined {
  const end = at < body.length ? body.indexOf(0, at) : -1
  return end < 0 ? undefined : body.toString('utf8', at, end)
}

/** The database of a COM_CHANGE_USER, behind the same as in a login. */
export function changedDatabase(body: Buffer): string | undefined {
  const auth = body.indexOf(0, 1) + 1
  return auth === 0 ? undefined : textAt(body, authEnd(body, auth, CAPABILITY.secureConnection))
}
