/** Messages of memcached's binary protocol, for tests. */
export interface Binary {
  readonly extras?: number
  readonly key?: string
  readonly value?: string
  readonly opaque?: number
  readonly status?: number
}

function message(magic: number, code: number, parts: Binary): Buffer {
  const { extras = 0, key = '', value = '', opaque = 0, status = 0 } = parts
  const head = Buffer.alloc(24 + extras)
  head.writeUInt8(magic, 0)
  head.writeUInt8(code, 1)
  head.writeUInt16BE(key.length, 2)
  head.writeUInt8(extras, 4)
  head.writeUInt16BE(status, 6)
  head.writeUInt32BE(extras + key.length + value.length, 8)
  head.writeUInt32BE(opaque, 12)
  return Buffer.concat([head, Buffer.from(key), Buffer.from(value)])
}

export const ask = (code: number, parts: Binary = {}): Buffer => message(0x80, code, parts)
export const say = (code: number, parts: Binary = {}): Buffer => message(0x81, code, parts)
export const all = (...messages: readonly Buffer[]): Buffer => Buffer.concat(messages)

/** Codes of commands. */
export const CODE = {
  get: 0x00,
  set: 0x01,
  remove: 0x04,
  getQuietly: 0x09,
  noop: 0x0a,
  getKeyQuietly: 0x0d,
  getKey: 0x0c,
  stats: 0x10,
  setQuietly: 0x11,
  logIn: 0x21,
} as const
