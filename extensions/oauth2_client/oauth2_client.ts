import type { Context, Extension } from '../../pipeline/component.ts'
import { type Credential, credential } from '../../pipeline/credentials/value.ts'
import type { ClientAuthenticator } from '../../pipeline/net/auth.ts'
import { HttpClient, type HttpResponse } from '../../pipeline/net/http_client.ts'
import { wholeMs } from '../../pipeline/timer.ts'
import type { OAuth2Config } from './config.ts'

const TIMEOUT_MS = 30_000
const MAX_RESPONSE_BYTES = 1 << 20
const MS_PER_S = 1000

interface Token {
  /** As the header has it. */
  readonly value: string
  /** Milliseconds, monotonic; until then it is used. */
  readonly until: number
}

/** Keeps a token of a server, and gets another before its time is over. Source: RFC 6749, 4.4 */
export class OAuth2Client implements Extension, ClientAuthenticator {
  readonly #ctx: Context
  readonly #config: OAuth2Config
  readonly #id: Credential
  readonly #secret: Credential
  readonly #http: HttpClient
  #token: Token | undefined
  #asking: Promise<Token> | undefined

  constructor(ctx: Context, config: OAuth2Config) {
    this.#ctx = ctx
    this.#config = config
    this.#id = credential(config.client_id, config.client_id_file, ctx.log)
    this.#secret = credential(config.client_secret, config.client_secret_file, ctx.log)
    this.#http = new HttpClient({
      url: new URL(config.token_url),
      tls: config.tls,
      headers: new Map(),
      proxyUrl: '',
      agent: { keepAlive: true },
      maxRedirects: 0,
      cookies: false,
      authenticator: () => undefined,
      duration: (...told) => ctx.duration(...told),
      log: ctx.log,
    })
  }

  async start(): Promise<void> {
    await Promise.all([this.#id.open(), this.#secret.open(), this.#http.open()])
  }

  shutdown(): Promise<void> {
    this.#id.close()
    this.#secret.close()
    this.#http.close()
    return Promise.resolve()
  }

  /** Rejects if there is no token to be had: what was to be sent is tried again then. */
  async requestHeaders(): Promise<Readonly<Record<string, string>>> {
    if (this.#token === undefined || this.#ctx.now() >= this.#token.until) {
      this.#asking ??= this.#ask().finally(() => {
        this.#asking = undefined
      })
      this.#token = await this.#asking
    }
    return { authorization: this.#token.value }
  }

  /** Servers want the secret in a header, or among the parameters: which is not to be known before. */
  async #ask(): Promise<Token> {
    const first = await this.#post(true)
    const answer = first.status === 400 || first.status === 401 ? await this.#post(false) : first
    if (answer.status !== 200) throw refusal(answer)
    return this.#read(answer)
  }

  #post(inHeader: boolean): Promise<HttpResponse> {
    const { scopes, endpoint_params, timeout } = this.#config
    const form = new URLSearchParams({ grant_type: 'client_credentials' })
    if (scopes.length > 0) form.set('scope', scopes.join(' '))
    for (const [name, values] of endpoint_params)
      for (const value of values) form.append(name, value)
    if (!inHeader) {
      form.set('client_id', this.#id.value)
      form.set('client_secret', this.#secret.value)
    }
    const pair = [this.#id.value, this.#secret.value].map(encodeURIComponent).join(':')
    return this.#http.post({
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        ...(inHeader && { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }),
      },
      body: [Buffer.from(form.toString())],
      signal: AbortSignal.timeout(wholeMs(timeout || TIMEOUT_MS)),
      maxResponseBytes: MAX_RESPONSE_BYTES,
    })
  }

  #read({ body }: HttpResponse): Token {
    const { access_token, token_type, expires_in } = parsed(body)
    if (typeof access_token !== 'string' || access_token === '') {
      throw new Error(
        'failed to get security token from token endpoint: the answer has no access_token',
      )
    }
    const type =
      typeof token_type === 'string' && !/^bearer$/i.test(token_type) ? token_type : 'Bearer'
    const seconds = Number(expires_in)
    const lifeMs = seconds > 0 ? seconds * MS_PER_S : Number.POSITIVE_INFINITY
    // A token that lives for less than the buffer is used for half of its time, not for none.
    const useMs = Math.max(lifeMs / 2, lifeMs - this.#config.expiry_buffer)
    return { value: `${type} ${access_token}`, until: this.#ctx.now() + useMs }
  }
}

function parsed(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(body.toString())) as Record<string, unknown>
  } catch (cause) {
    throw new Error('failed to get security token from token endpoint: the answer is no JSON', {
      cause,
    })
  }
}

const MAX_REASON = 200

const refusal = ({ status, body }: HttpResponse): Error =>
  new Error(
    `failed to get security token from token endpoint: ${status} ${body.toString().slice(0, MAX_REASON)}`,
  )
