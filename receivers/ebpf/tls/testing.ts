/** For tests: bytes of hellos, as RFC 8446 lays them out. */

const number = (value: number, bytes: number): Buffer => {
  const to = Buffer.alloc(bytes)
  to.writeUIntBE(value, 0, bytes)
  return to
}

/** Bytes after their own length. */
const vector = (lengthBytes: number, ...parts: readonly (Buffer | string)[]): Buffer => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part as string, 'latin1')))
  return Buffer.concat([number(body.length, lengthBytes), body])
}

const extension = (type: number, data: Buffer): Buffer =>
  Buffer.concat([number(type, 2), vector(2, data)])

/** A name of the host (SNI). */
export const sni = (host: string): Buffer =>
  extension(0, vector(2, Buffer.concat([number(0, 1), vector(2, host)])))

/** Protocols (ALPN). */
export const alpn = (...names: readonly string[]): Buffer =>
  extension(16, vector(2, ...names.map((name) => vector(1, name))))

export const offeredVersions = (...versions: readonly number[]): Buffer =>
  extension(43, vector(1, ...versions.map((one) => number(one, 2))))

export const chosenVersion = (version: number): Buffer => extension(43, number(version, 2))

/** A key for the exchange, as long as those after quantum computers. */
export const keyShare = (bytes: number): Buffer => extension(51, Buffer.alloc(bytes, 7))

function handshake(type: number, version: number, middle: Buffer, extensions: readonly Buffer[]) {
  const front = Buffer.concat([
    number(version, 2),
    Buffer.alloc(32, 9),
    vector(1, Buffer.alloc(32, 5)),
  ])
  const body = Buffer.concat([front, middle, vector(2, ...extensions)])
  return Buffer.concat([number(type, 1), vector(3, body)])
}

export const clientHello = (version: number, ...extensions: readonly Buffer[]): Buffer =>
  handshake(
    1,
    version,
    Buffer.concat([vector(2, Buffer.from('1301c02f', 'hex')), vector(1, '\0')]),
    extensions,
  )

export const serverHello = (version: number, ...extensions: readonly Buffer[]): Buffer =>
  handshake(2, version, Buffer.from('130100', 'hex'), extensions)

/** Cut into records of at most `most` bytes. */
export function records(message: Buffer, most = 1 << 14): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < message.length; at += most) {
    parts.push(Buffer.from('160301', 'hex'), vector(2, message.subarray(at, at + most)))
  }
  return Buffer.concat(parts)
}
