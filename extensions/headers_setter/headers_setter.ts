import type { ClientInfo, Context, Extension } from '../../pipeline/component.ts'
import {
  type ClientAuthenticator,
  clientAuthenticator,
  type OwnRequest,
} from '../../pipeline/net/auth.ts'
import type { HeadersSetterConfig } from './config.ts'

type HeaderConfig = HeadersSetterConfig['headers'][number]
/** What a request is to have: undefined takes a header away. */
type Changes = Record<string, string | undefined>

const AUTH = 'auth.'

/** Sets headers of requests, from the configuration or from the request by which the data came in. */
export class HeadersSetter implements Extension, ClientAuthenticator {
  readonly #ctx: Context
  readonly #config: HeadersSetterConfig
  #other: ClientAuthenticator | undefined

  constructor(ctx: Context, config: HeadersSetterConfig) {
    this.#ctx = ctx
    this.#config = config
  }

  start(): Promise<void> {
    const { additional_auth: authenticator } = this.#config
    if (authenticator !== '') this.#other = clientAuthenticator(this.#ctx, { authenticator })
    return Promise.resolve()
  }

  shutdown(): Promise<void> {
    return Promise.resolve()
  }

  async requestHeaders(request: OwnRequest): Promise<Changes> {
    const changes: Changes = { ...(await this.#other?.requestHeaders(request)) }
    for (const config of this.#config.headers) {
      const key = config.key.toLowerCase()
      const isThere = (key in changes ? changes[key] : request.headers[key]) !== undefined
      if (config.action === 'delete') changes[key] = undefined
      else if (config.action === 'insert' ? !isThere : config.action !== 'update' || isThere) {
        const value = sourceValue(config, request.client)
        if (value !== undefined) changes[key] = value
      }
    }
    return changes
  }
}

/** Undefined if what came in has none: the header is left as it is then. */
function sourceValue(config: HeaderConfig, client: ClientInfo | undefined): string | undefined {
  const { value, from_context: context, from_attribute: attribute } = config
  if (value !== undefined) return value.reveal()
  return fromRequest(context ?? `${AUTH}${attribute}`, client) ?? config.default_value?.reveal()
}

function fromRequest(name: string, client: ClientInfo | undefined): string | undefined {
  if (name.startsWith(AUTH)) return client?.auth?.get(name.slice(AUTH.length))
  const values = client?.metadata.get(name.toLowerCase()) ?? []
  if (values.length <= 1) return values[0]
  throw new Error(
    `${values.length} source keys found in the context, can't determine which one to use`,
  )
}
