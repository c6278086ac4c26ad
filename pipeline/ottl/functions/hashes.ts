import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { textOf } from '../arguments.ts'
import { EvaluationError } from '../error.ts'
import { converter, type FunctionSpec } from '../function.ts'
import { murmur3, murmur3Wide } from '../hash/murmur3.ts'
import { xxh3 } from '../hash/xxh3.ts'
import { xxh128 } from '../hash/xxh128.ts'
import { data, int, integer, text, toAttribute } from '../value.ts'
import { mapping } from './types.ts'

/** A hash in hex of a text. */
const hashing = (name: string, hash: (bytes: Buffer) => string): FunctionSpec =>
  converter(name, ['target'], (args) => {
    const target = args.text('target')
    return (frame) => text(hash(Buffer.from(target(frame))))
  })

const digest = (name: string, algorithm: string): FunctionSpec =>
  hashing(name, (bytes) => createHash(algorithm).update(bytes).digest('hex'))

const FNV_OFFSET = 0xcbf29ce484222325n
const FNV_PRIME = 0x100000001b3n

/** FNV-1a, 64 bit. Source: https://datatracker.ietf.org/doc/html/rfc9923 */
function fnv(value: string): bigint {
  let hash = FNV_OFFSET
  for (const byte of Buffer.from(value)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME)
  }
  return hash
}

const fnvOf = converter('FNV', ['target'], (args) => {
  const target = args.text('target')
  return (frame) => int(integer(fnv(target(frame))))
})

const hex = mapping('Hex', 'target', (value) => {
  const attribute = toAttribute(value)
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
  mapping(name, 'value', (value) => {
    const digits = value.kind === 'bytes' ? Buffer.from(value.value).toString('hex') : textOf(value)
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

const base64Decode = converter('Base64Decode', ['value'], (args) => {
  const value = args.text('value')
  return (frame) => text(decoded(value(frame), 'base64').toString())
})

const VARIANTS = ['base64', 'base64-raw', 'base64-url', 'base64-raw-url'] as const

function decoded(value: string, encoding: 'base64' | 'base64url'): Buffer {
  if (/^[A-Za-z0-9+/_-]*={0,2}\s*$/.test(value)) return Buffer.from(value, encoding)
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

const ENCODINGS = {
  base64: (raw: Buffer) => decoded(raw.toString('latin1'), 'base64').toString(),
  'base64-raw': (raw: Buffer) => decoded(raw.toString('latin1'), 'base64').toString(),
  'base64-url': (raw: Buffer) => decoded(raw.toString('latin1'), 'base64url').toString(),
  'base64-raw-url': (raw: Buffer) => decoded(raw.toString('latin1'), 'base64url').toString(),
} as const

const decode = converter('Decode', ['value', 'encoding'], (args) => {
  const value = args.bytes('value')
  const encoding = args.literalText('encoding')
  const known = Object.hasOwn(ENCODINGS, encoding) ? encoding : undefined
  if (known !== undefined) {
    const change = ENCODINGS[known as keyof typeof ENCODINGS]
    return (frame) => text(change(Buffer.from(value(frame))))
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
