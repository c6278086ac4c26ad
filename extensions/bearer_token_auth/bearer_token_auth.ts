import type { Context, Extension } from '../../pipeline/component.ts'
import { isEqualSecret } from '../../pipeline/credentials/equal.ts'
import { ValueFile } from '../../pipeline/credentials/value_file.ts'
import type {
  ClientAuthenticator,
  Headers,
  Identity,
  ServerAuthenticator,
} from '../../pipeline/net/auth.ts'
import type { BearerConfig } from './config.ts'

/** A token in a header: that of clients, and those that servers let in. */
export class BearerTokenAuth implements Extension, ServerAuthenticator, ClientAuthenticator {
  readonly #config: BearerConfig
  readonly #file: ValueFile | undefined

  constructor(ctx: Context, config: BearerConfig) {
    this.#config = config
    const { filename, token, tokens } = config
    if (filename === '') return
    this.#file = new ValueFile(filename, ctx.log)
    if (token !== undefined || tokens.length > 0) {
      ctx.log.warn('a filename is specified. Configured token(s) is ignored!')
    }
  }

  async start(): Promise<void> {
    await this.#file?.open()
  }

  shutdown(): Promise<void> {
    this.#file?.close()
    return Promise.resolve()
  }

  /** A file has one on each line. */
  #tokens(): readonly string[] {
    const { token, tokens } = this.#config
    if (this.#file === undefined) {
      return [...(token === undefined ? [] : [token]), ...tokens].map((one) => one.reveal())
    }
    return this.#file.text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
  }

  #valueOf(token: string): string {
    const { scheme } = this.#config
    return scheme === '' ? token : `${scheme} ${token}`
  }

  authenticate(headers: Headers): Promise<Identity> {
    const { header } = this.#config
    const [value = ''] = headers.get(header.toLowerCase()) ?? []
    if (value === '')
      return Promise.reject(new Error(`missing or empty authorization header: ${header}`))
    const known = this.#tokens().filter((token) => isEqualSecret(this.#valueOf(token), value))
    if (known.length > 0) return Promise.resolve(new Map([['raw', value]]))
    return Promise.reject(
      new Error('provided authorization does not match expected scheme or token'),
    )
  }

  requestHeaders(): Promise<Readonly<Record<string, string>>> {
    const [token = ''] = this.#tokens()
    return Promise.resolve({ [this.#config.header.toLowerCase()]: this.#valueOf(token) })
  }
}
