import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { bigOf } from '../../hash/bits.ts'
import { fnv64 } from '../../hash/fnv.ts'
import { murmur3, murmur3Wide } from '../../hash/murmur3.ts'
import { xxh3 } from '../../hash/xxh3.ts'
import { xxh128 } from '../../hash/xxh128.ts'
import { textOf } from '../arguments.ts'
import { EvaluationError } from '../error.ts'
import { converter, type FunctionSpec } from '../function.ts'
import { data, int, integer, text, toAttribute, type Value } from '../value.ts'

/** A converter of one argument, which may be nil; a literal of which nothing can be made is a mistake. */
const ofAny = (name: string, convert: (value: Value) => Value): FunctionSpec =>
  converter(name, ['target'], (args) => args.converted('target', convert))

/** A hash in hex of a text. */
const hashing = (name: string, hash: (bytes: Buffer) => string): FunctionSpec =>
  converter(name, ['target'], (args) => {
    const target = args.text('target')
    return (frame) => text(hash(Buffer.from(target(frame))))
  })

const digest = (name: string, algorithm: string): FunctionSpec =>
  hashing(name, (bytes) => createHash(algorithm).update(bytes).digest('hex'))

const fnvOf = converter('FNV', ['target'], (args) => {
  const target = args.text('target')
  return (frame) => int(integer(bigOf(fnv64(Buffer.from(target(frame))))))
})

const hex = ofAny('Hex', (value) => {
  if (value === undefined) return text('')
  const attribute = value.kind === 'data' ? undefined : toAttribute(value)
  const eight = Buffer.alloc(8)
  switch (attribute?.kind) {
    case 'bytes':
    case 'string':
      return text(Buffer.from(attribute.value as string).toString('hex'))
    case 'bool':
      return text(attribute.value ? '01' : '00')
    case 'int':
      eight.writeBigInt64BE(BigInt(attribute.value))
      return text(eight.toString('hex'))
    case 'double':
      eight.writeDoubleBE(attribute.value)
      return text(eight.toString('hex'))
    default:
      throw new EvaluationError('Hex: target must be a string, a number, a bool or bytes')
  }
})

/** An id out of bytes, or of its hex digits. */
const id = (name: 'TraceID' | 'SpanID' | 'ProfileID', length: number): FunctionSpec =>
  ofAny(name, (value) => {
    const digits = value === undefined ? '' : textOf(value)
    if (digits.length === length * 2 && /^[0-9a-fA-F]*$/.test(digits)) {
      return data(name, digits.toLowerCase())
    }
    throw new EvaluationError(`${name}: needs ${length} bytes`)
  })

const uuid = converter('UUID', [], () => () => text(randomUUID()))

const uuid7 = converter('UUIDv7', [], () => () => {
  const raw = randomBytes(16)
  raw.writeUIntBE(Date.now(), 0, 6)
  raw[6] = ((raw[6] ?? 0) & 0x0f) | 0x70
  raw[8] = ((raw[8] ?? 0) & 0x3f) | 0x80
  return text(raw.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'))
})

const base64Decode = converter('Base64Decode', ['target'], (args) => {
  const target = args.text('target')
  return (frame) => text(decoded(target(frame), 'base64').toString())
})

const VARIANTS = ['base64', 'base64-raw', 'base64-url', 'base64-raw-url'] as const

type Variant = (typeof VARIANTS)[number]

/** Line breaks go; then all characters must be of the variant, and whole groups, filled up by `=` unless it is raw. */
function decoded(value: string, variant: Variant): Buffer {
  const digits = value.replaceAll(/[\r\n]/g, '')
  const plain = digits.replace(/={1,2}$/, '')
  const known = variant.endsWith('url') ? /^[A-Za-z0-9_-]*$/ : /^[A-Za-z0-9+/]*$/
  const filled = variant.includes('raw') ? plain === digits : digits.length % 4 === 0
  if (known.test(plain) && filled && plain.length % 4 !== 1) return Buffer.from(plain, 'base64')
  throw new EvaluationError('this is no base64')
}

const base64Encode = converter('Base64Encode', ['target', 'variant?'], (args) => {
  const target = args.text('target')
  const variant = args.has('variant') ? args.oneOf('variant', VARIANTS) : 'base64'
  return (frame) => {
    const raw = Buffer.from(target(frame))
    const encoded = raw.toString('base64')
    const safe = variant.endsWith('url')
      ? encoded.replaceAll('+', '-').replaceAll('/', '_')
      : encoded
    return text(variant.includes('raw') ? safe.replaceAll('=', '') : safe)
  }
})

const decode = converter('Decode', ['target', 'encoding'], (args) => {
  const value = args.bytes('target')
  const encoding = args.literalText('encoding')
  const variant = VARIANTS.find((one) => one === encoding)
  if (variant !== undefined) {
    const latin = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
    return (frame) => text(decoded(latin(value(frame)), variant).toString())
  }
  try {
    const decoder = new TextDecoder(encoding)
    return (frame) => text(decoder.decode(value(frame)))
  } catch {
    return args.fault('encoding', `unsupported encoding "${encoding}"`)
  }
})

export const hashes = [
  digest('MD5', 'md5'),
  digest('SHA1', 'sha1'),
  digest('SHA256', 'sha256'),
  digest('SHA512', 'sha512'),
  hashing('Murmur3Hash', (bytes) => murmur3(bytes).toString('hex')),
  hashing('Murmur3Hash128', (bytes) => murmur3Wide(bytes).toString('hex')),
  hashing('XXH3', xxh3),
  hashing('XXH128', xxh128),
  fnvOf,
  hex,
  id('TraceID', 16),
  id('SpanID', 8),
  id('ProfileID', 16),
  uuid,
  uuid7,
  base64Decode,
  base64Encode,
  decode,
]
