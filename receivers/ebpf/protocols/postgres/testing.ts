/** For tests: messages of PostgreSQL, as a client and a server write them. */

/** A tag, a length and a body. */
export function message(tag: string, body: Buffer | string = ''): Buffer {
  const bytes = Buffer.from(body as string, 'latin1')
  const head = Buffer.alloc(5)
  head.write(tag, 'latin1')
  head.writeUInt32BE(4 + bytes.length, 1)
  return Buffer.concat([head, bytes])
}

const untagged = (code: number, body: string): Buffer => {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(8 + body.length, 0)
  head.writeUInt32BE(code, 4)
  return Buffer.concat([head, Buffer.from(body, 'latin1')])
}

export const SSL_REQUEST = untagged(80_877_103, '')
export const startup = (parameters: string) => untagged(3 << 16, parameters)
export const START = startup('user\0me\0database\0shop\0\0')
export const query = (sql: string) => message('Q', `${sql}\0`)
export const parse = (name: string, sql: string) => message('P', `${name}\0${sql}\0\0\0`)
export const bind = (name: string, portal = '') => message('B', `${portal}\0${name}\0\0\0\0\0\0\0`)
export const execute = (portal = '') => message('E', `${portal}\0\0\0\0\0`)
export const SYNC = message('S')
export const READY = message('Z', 'I')
export const complete = (tag: string) => message('C', `${tag}\0`)
export const error = (code: string) => message('E', `SERROR\0C${code}\0Msecret words\0\0`)
export const WELCOME = Buffer.concat([
  message('R', '\0\0\0\0'),
  message('S', 'server_version\x0015.0\0'),
  message('K', '12345678'),
  READY,
])
/** Joined, as one call sends them. */
export const all = (...messages: readonly Buffer[]) => Buffer.concat(messages)
