/** What a ClientHello or a ServerHello says in the clear. */
export interface Hello {
  readonly from: 'client' | 'server'
  /** Of a client the newest that it offers, of a server the one that it chose: `1.3`; '' if it is none that is known. */
  readonly version: string
  /** The host that a client asks for (SNI); '' if it names none. */
  readonly serverName: string
  /** What a client offers to speak (ALPN), or the one that a server chose, as TLS 1.3 encrypts it up to 1.2 only. */
  readonly protocols: readonly string[]
  /** False: its end was not there, so what is missing may only not have been seen. */
  readonly whole: boolean
}

const RECORD_HEADER = 5
const RECORD_HANDSHAKE = 22
const RECORD_MAX = 1 << 14
const HANDSHAKE_HEADER = 4
const FROM: Readonly<Record<number, Hello['from']>> = { 1: 'client', 2: 'server' }
const RANDOM = 32

const EXTENSION_SERVER_NAME = 0
const EXTENSION_ALPN = 16
const EXTENSION_SUPPORTED_VERSIONS = 43
const NAME_TYPE_HOST = 0

const VERSIONS: Readonly<Record<number, string>> = {
  768: '3.0', // of SSL
  769: '1.0',
  770: '1.1',
  771: '1.2',
  772: '1.3',
}

/** What becomes of an attribute is bounded, whoever sends it. */
const PROTOCOLS_MAX = 8
const HOST = /^[\w.-]{1,253}$/
const PROTOCOL = /^[!-~]{1,32}$/
/** Random values, by which clients keep servers tolerant. Source: https://www.rfc-editor.org/rfc/rfc8701 */
const GREASE = /^([\w\W])\1$/

/** Reads what there is: undefined, or an empty buffer, beyond the end. */
class Reader {
  readonly #bytes: Buffer
  #at = 0
  /** Something that was asked for was not there. */
  short = false

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  number(bytes: number): number {
    if (this.left < bytes) this.short = true
    if (this.short) return 0
    this.#at += bytes
    return this.#bytes.readUIntBE(this.#at - bytes, bytes)
  }

  /** Fewer if there are no more. */
  bytes(count: number): Buffer {
    const found = this.#bytes.subarray(this.#at, this.#at + count)
    if (found.length < count) this.short = true
    this.#at += found.length
    return found
  }

  /** What follows its own length, a number of so many bytes. */
  vector(lengthBytes: number): Buffer {
    return this.bytes(this.number(lengthBytes))
  }
}

/**
 * The hello at the front of one direction of a TLS connection; undefined if there is none. What is cut is read as far as it goes.
 *
 *     record     type 22 | version 2 | length 2 | a part of the handshake
 *     handshake  type 1 or 2 | length 3 | version 2 | random 32 | session id, after its length 1
 *                client: cipher suites, after their length 2 | compressions, after their length 1
 *                server: cipher suite 2 | compression 1
 *                extensions, after their length 2: { type 2 | length 2 | data }
 *
 * Source: https://www.rfc-editor.org/rfc/rfc8446#section-4.1.2, https://www.rfc-editor.org/rfc/rfc8446#section-5.1
 */
export function readHello(bytes: Buffer): Hello | undefined {
  const handshake = handshakeIn(bytes)
  const from = FROM[handshake[0] ?? 0]
  if (from === undefined || handshake.length < HANDSHAKE_HEADER) return undefined
  const length = handshake.readUIntBE(1, 3)
  const hello = handshake.subarray(HANDSHAKE_HEADER, HANDSHAKE_HEADER + length)
  const reader = new Reader(hello)
  const legacy = reader.number(2)
  if (VERSIONS[legacy] === undefined) return undefined
  reader.bytes(RANDOM)
  reader.vector(1)
  if (from === 'client') {
    reader.vector(2)
    reader.vector(1)
  } else reader.number(3)
  const extensions = reader.left > 0 ? reader.vector(2) : Buffer.alloc(0)
  const found = readExtensions(extensions, from)
  return {
    from,
    version: found.version ?? VERSIONS[legacy] ?? '',
    serverName: found.serverName,
    protocols: found.protocols,
    whole: hello.length === length && !reader.short,
  }
}

/** Of the records at the front, what they carry of the handshake. */
function handshakeIn(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  let at = 0
  while (bytes.length - at >= RECORD_HEADER && bytes[at] === RECORD_HANDSHAKE) {
    const length = bytes.readUInt16BE(at + 3)
    if (length === 0 || length > RECORD_MAX) break
    parts.push(bytes.subarray(at + RECORD_HEADER, at + RECORD_HEADER + length))
    at += RECORD_HEADER + length
  }
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
}

interface Extensions {
  version: string | undefined
  serverName: string
  protocols: readonly string[]
}

function readExtensions(bytes: Buffer, from: Hello['from']): Extensions {
  const found: Extensions = { version: undefined, serverName: '', protocols: [] }
  const reader = new Reader(bytes)
  while (reader.left > 0 && !reader.short) {
    const type = reader.number(2)
    const data = reader.vector(2)
    if (reader.short) break
    if (type === EXTENSION_SERVER_NAME) found.serverName = hostIn(data)
    else if (type === EXTENSION_ALPN) found.protocols = protocolsIn(data)
    else if (type === EXTENSION_SUPPORTED_VERSIONS) found.version = versionIn(data, from)
  }
  return found
}

/** A list of names, each after its kind. Source: https://www.rfc-editor.org/rfc/rfc6066#section-3 */
function hostIn(data: Buffer): string {
  const reader = new Reader(new Reader(data).vector(2))
  while (reader.left > 0 && !reader.short) {
    const kind = reader.number(1)
    const name = reader.vector(2).toString('latin1')
    if (kind === NAME_TYPE_HOST && !reader.short) return HOST.test(name) ? name.toLowerCase() : ''
  }
  return ''
}

/** Source: https://www.rfc-editor.org/rfc/rfc7301#section-3.1 */
function protocolsIn(data: Buffer): string[] {
  const reader = new Reader(new Reader(data).vector(2))
  const found: string[] = []
  while (reader.left > 0 && found.length < PROTOCOLS_MAX) {
    const name = reader.vector(1).toString('latin1')
    if (reader.short) break
    if (PROTOCOL.test(name) && !GREASE.test(name)) found.push(name)
  }
  return found
}

/** A client offers several, a server says one. Source: https://www.rfc-editor.org/rfc/rfc8446#section-4.2.1 */
function versionIn(data: Buffer, from: Hello['from']): string | undefined {
  const reader = new Reader(from === 'server' ? data : new Reader(data).vector(1))
  let newest = 0
  while (reader.left > 1) {
    const version = reader.number(2)
    if (VERSIONS[version] !== undefined) newest = Math.max(newest, version)
  }
  return VERSIONS[newest]
}
