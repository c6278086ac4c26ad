import { addressText } from '../address.ts'

/** What a proxy says, in front of a connection's bytes, of the client that it serves. */
export interface ProxyHeader {
  readonly bytes: number
  /** Undefined: a connection of the proxy's own, or of a family that has no address. */
  readonly client: string | undefined
}

/** Version 1 with its CRLF, at the most. */
const TEXT_MAX = 107
const TEXT =
  /^PROXY (?:TCP[46] ([0-9a-fA-F.:]{2,39}) [0-9a-fA-F.:]{2,39} \d{1,5} \d{1,5}|UNKNOWN[^\r\n]*)\r\n/
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
/** Signature, version and command, family and transport, length. */
const FIXED_BYTES = 16
/** By the upper half of the family's byte. */
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 1: 4, 2: 16 }
const PROXIED = 0x21

/**
 * Reads the PROXY header that begins the bytes, whole; undefined when none does.
 *
 *     "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n"
 *
 *     +---------------+------------------+-------------------+-----------+-----------------------
 *     | signature, 12 | version, command | family, transport | length, 2 | source, target, ports
 *     +---------------+------------------+-------------------+-----------+-----------------------
 *
 * Source: https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
 */
export function proxyHeader(bytes: Buffer): ProxyHeader | undefined {
  if (bytes[0] === SIGNATURE[0]) return binaryHeader(bytes)
  const match = TEXT.exec(bytes.toString('latin1', 0, TEXT_MAX))
  return match === null ? undefined : { bytes: match[0].length, client: match[1] }
}

function binaryHeader(bytes: Buffer): ProxyHeader | undefined {
  const isHeader = bytes.length >= FIXED_BYTES && bytes.indexOf(SIGNATURE) === 0
  if (!isHeader || ((bytes[12] as number) & 0xfe) !== 0x20) return undefined
  const end = FIXED_BYTES + bytes.readUInt16BE(14)
  const size = ADDRESS_BYTES[(bytes[13] as number) >> 4] ?? 0
  const isNamed = bytes[12] === PROXIED && size > 0 && end >= FIXED_BYTES + 2 * size + 4
  if (bytes.length < end) return undefined
  const client = isNamed ? textOf(bytes.subarray(FIXED_BYTES, FIXED_BYTES + size)) : undefined
  return { bytes: end, client }
}

const V4_MAPPED = Buffer.from('00000000000000000000ffff', 'hex')

const textOf = (address: Buffer) =>
  addressText(address.length === 4 ? Buffer.concat([V4_MAPPED, address]) : address, 0)
