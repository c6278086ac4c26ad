import { createHash } from 'node:crypto'
import { isEqualSecret } from '../../pipeline/credentials/equal.ts'
import { md5Crypt } from './md5_crypt.ts'

/** Users with the hashes of their passwords. */
export type Htpasswd = ReadonlyMap<string, string>

const SHA = '{SHA}'
const SSHA = '{SSHA}'
const SHA1_BYTES = 20

/** Reads lines of `user:hash`; later ones win. Throws for a hash of a kind that weir cannot check. */
export function parseHtpasswd(text: string): Htpasswd {
  const users = new Map<string, string>()
  for (const [i, line] of text.split('\n').entries()) {
    const entry = line.trim()
    if (entry === '' || entry.startsWith('#')) continue
    const colon = entry.indexOf(':')
    if (colon < 1) throw new Error(`read htpasswd content: line ${i + 1} is no user:password`)
    const hash = entry.slice(colon + 1)
    if (/^\$(5|6|7|y|argon2\w*)\$/.test(hash)) {
      const user = entry.slice(0, colon)
      throw new Error(
        `read htpasswd content: user ${user}: hashes that begin with ${hash.slice(0, 3)} are not supported; htpasswd -B makes one that is`,
      )
    }
    users.set(entry.slice(0, colon), hash)
  }
  return users
}

/** Whether the password is the one of the hash: bcrypt, MD5 of Apache or crypt, SHA-1 with and without salt, or plain. */
export async function matches(hash: string, password: string): Promise<boolean> {
  const [, magic, salt] = /^(\$(?:apr1|1)\$)([^$]*)\$/.exec(hash) ?? []
  if (magic !== undefined && salt !== undefined) {
    return isEqualSecret(md5Crypt(password, magic, salt), hash)
  }
  if (/^\$2[abxy]\$/.test(hash)) {
    const { compare } = await import('bcryptjs')
    return compare(password, hash)
  }
  if (hash.startsWith(SHA)) return isEqualSecret(`${SHA}${sha1(password).toString('base64')}`, hash)
  if (hash.startsWith(SSHA)) {
    const bytes = Buffer.from(hash.slice(SSHA.length), 'base64')
    const salted = sha1(password, bytes.subarray(SHA1_BYTES))
    return isEqualSecret(salted.toString('hex'), bytes.subarray(0, SHA1_BYTES).toString('hex'))
  }
  return isEqualSecret(hash, password)
}

const sha1 = (text: string, salt: Uint8Array = new Uint8Array()): Buffer =>
  createHash('sha1').update(text).update(salt).digest()
