import { createHash } from 'node:crypto'

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ROUNDS = 1000
const MAX_SALT = 8
/** Bytes of the digest that make up each group of letters, the last alone. */
const GROUPS = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
] as const
const LAST_BYTE = 11

const md5 = (...parts: readonly (string | Uint8Array)[]): Buffer => {
  const hash = createHash('md5')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** The hash that `htpasswd -m` writes: `$apr1$salt$...`, or `$1$salt$...`. Source: Apache HTTP Server, "Password Formats"; FreeBSD crypt(3) */
export function md5Crypt(password: string, magic: string, fullSalt: string): string {
  const salt = fullSalt.slice(0, MAX_SALT)
  const length = Buffer.byteLength(password)
  let digest = md5(...opening(password, length, magic, salt))
  for (let round = 0; round < ROUNDS; round++) {
    const odd = round % 2 === 1
    digest = md5(
      odd ? password : digest,
      round % 3 === 0 ? '' : salt,
      round % 7 === 0 ? '' : password,
      odd ? digest : password,
    )
  }
  return `${magic}${salt}$${letters(digest)}`
}

function opening(
  password: string,
  length: number,
  magic: string,
  salt: string,
): (string | Buffer)[] {
  const parts: (string | Buffer)[] = [password, magic, salt]
  const inner = md5(password, salt, password)
  for (let left = length; left > 0; left -= inner.length) parts.push(inner.subarray(0, left))
  const first = Buffer.from(password).subarray(0, 1)
  for (let bits = length; bits > 0; bits >>= 1) parts.push(bits & 1 ? Buffer.alloc(1) : first)
  return parts
}

function letters(digest: Buffer): string {
  const byte = (i: number) => digest[i] ?? 0
  const encode = (bits: number, n: number) =>
    Array.from({ length: n }, (_, i) => ALPHABET[(bits >> (6 * i)) & 0x3f]).join('')
  const groups = GROUPS.map(([a, b, c]) => encode((byte(a) << 16) | (byte(b) << 8) | byte(c), 4))
  return `${groups.join('')}${encode(byte(LAST_BYTE), 2)}`
}
