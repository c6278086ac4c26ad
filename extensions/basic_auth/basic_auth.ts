import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Context, Extension } from '../../pipeline/component.ts'
import { type Credential, credential } from '../../pipeline/credentials/value.ts'
import type {
  ClientAuthenticator,
  Headers,
  Identity,
  ServerAuthenticator,
} from '../../pipeline/net/auth.ts'
import type { ClientSettings, HtpasswdSettings } from './config.ts'
import { type Htpasswd, matches, parseHtpasswd } from './htpasswd.ts'

const SCHEME = /^basic /i
const REMEMBERED = 1000

/** Lets in who has a password that is known. */
export class BasicAuthServer implements Extension, ServerAuthenticator {
  readonly #settings: HtpasswdSettings
  #users: Htpasswd = new Map()
  /** Digests of what was right: bcrypt takes a tenth of a second each time. */
  readonly #right = new Set<string>()

  constructor(settings: HtpasswdSettings) {
    this.#settings = settings
  }

  async start(): Promise<void> {
    const { file, inline } = this.#settings
    const text = file === '' ? '' : await readFile(file, 'utf8')
    this.#users = parseHtpasswd(`${text}\n${inline.reveal()}`)
  }

  shutdown(): Promise<void> {
    this.#right.clear()
    return Promise.resolve()
  }

  async authenticate(headers: Headers): Promise<Identity> {
    const [header = ''] = headers.get('authorization') ?? []
    if (header === '') throw new Error('no basic auth provided')
    if (!SCHEME.test(header)) throw new Error('invalid authorization scheme prefix')
    const text = Buffer.from(header.slice('basic '.length), 'base64').toString()
    const colon = text.indexOf(':')
    if (colon < 0) throw new Error('invalid authorization format')
    const identity = new Map([
      ['username', text.slice(0, colon)],
      ['raw', header],
    ])
    const digest = createHash('sha256').update(text).digest('base64')
    if (this.#right.has(digest)) return identity
    const hash = this.#users.get(text.slice(0, colon))
    if (hash === undefined || !(await matches(hash, text.slice(colon + 1)))) {
      throw new Error('invalid credentials')
    }
    if (this.#right.size >= REMEMBERED) this.#right.clear()
    this.#right.add(digest)
    return identity
  }
}

/** Adds user and password to what a client sends. */
export class BasicAuthClient implements Extension, ClientAuthenticator {
  readonly #username: Credential
  readonly #password: Credential

  constructor(ctx: Context, settings: ClientSettings) {
    this.#username = credential(settings.username, settings.username_file, ctx.log)
    this.#password = credential(settings.password, settings.password_file, ctx.log)
  }

  async start(): Promise<void> {
    await Promise.all([this.#username.open(), this.#password.open()])
  }

  shutdown(): Promise<void> {
    this.#username.close()
    this.#password.close()
    return Promise.resolve()
  }

  requestHeaders(): Promise<Readonly<Record<string, string>>> {
    const pair = Buffer.from(`${this.#username.value}:${this.#password.value}`)
    return Promise.resolve({ authorization: `Basic ${pair.toString('base64')}` })
  }
}
