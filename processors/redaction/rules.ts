import { createHash, createHmac } from 'node:crypto'
import { compileExpression, type Expression, remembering } from '../../pipeline/regexp.ts'
import type { RedactionConfig } from './config.ts'

/** What is written of what was done: a processor after this one must let it stay. */
export const SUMMARY_KEYS = {
  attributes: 'redaction',
  body: 'redaction.body',
} as const

const OWN = /^redaction\.(?:body\.)?(?:(?:redacted|masked|allowed)\.(?:keys|count)|ignored\.count)$/

/** What the configuration says of keys and values. */
export class Rules {
  /** It stays as it is. */
  readonly ignores: (key: string) => boolean
  /** It goes. */
  readonly removes: (key: string) => boolean
  /** Its whole value is masked. */
  readonly blocks: (key: string) => boolean
  readonly allows: (value: string) => boolean
  readonly #blocked: readonly Expression[]
  readonly #hash: (text: string) => string

  constructor(config: RedactionConfig) {
    const kept = new Set(config.allowed_keys)
    const ignored = new Set(config.ignored_keys)
    const matchesIgnored = anyOf(config.ignored_key_patterns)
    this.ignores = (key) => ignored.has(key) || matchesIgnored(key)
    this.removes = (key) => !(config.allow_all_keys || kept.has(key) || OWN.test(key))
    this.blocks = anyOf(config.blocked_key_patterns)
    this.allows = anyOf(config.allowed_values)
    this.#blocked = config.blocked_values.map(compileExpression)
    this.#hash = hashOf(config)
  }

  /** The value with what is blocked in it masked. */
  masked(value: string): string {
    return this.#blocked.reduce(
      (text, one) =>
        one.test(text) ? one.replaceAll(text, ([all = '']) => this.#hash(all)) : text,
      value,
    )
  }

  mask(value: string): string {
    return this.#hash(value)
  }
}

function anyOf(patterns: readonly string[]): (text: string) => boolean {
  if (patterns.length === 0) return () => false
  const expressions = patterns.map(compileExpression)
  return remembering((text) => expressions.some((one) => one.test(text)))
}

const DIGESTS = { md5: 'md5', sha1: 'sha1', sha3: 'sha3-256' } as const

function hashOf({ hash_function: name, hmac_key: key }: RedactionConfig) {
  switch (name) {
    case '':
      return () => '****'
    case 'hmac-sha256':
    case 'hmac-sha512': {
      const secret = key?.reveal() ?? ''
      return (text: string) => createHmac(name.slice(5), secret).update(text).digest('hex')
    }
    default:
      return (text: string) => createHash(DIGESTS[name]).update(text).digest('hex')
  }
}
