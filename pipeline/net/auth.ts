import { type Infer, object, optional, text } from '../../config/fields.ts'
import type { ClientInfo, Component, Context } from '../component.ts'

/** Headers of a request, names in small letters. */
export type Headers = ReadonlyMap<string, readonly string[]>

/** What is known of a sender, by name: `username`, and `raw`, its credentials as they came. */
export type Identity = ReadonlyMap<string, string>

/** An extension that says who may send to a server. */
export interface ServerAuthenticator {
  /** Rejects if the sender is not allowed; its message goes to the sender. */
  authenticate(headers: Headers): Promise<Identity>
}

/** A request that is about to be sent. */
export interface OwnRequest {
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>
  /** From whom came what is sent, if that is known and one alone. */
  readonly client: ClientInfo | undefined
}

/** An extension that adds to the requests of a client what proves who it is. */
export interface ClientAuthenticator {
  /** Headers to set, names in small letters; undefined takes one away. Those of the configuration are there already. */
  requestHeaders(request: OwnRequest): Promise<Readonly<Record<string, string | undefined>>>
}

/** The headers of a request as the authenticator wants them. */
export async function authorized(
  authenticator: ClientAuthenticator | undefined,
  request: OwnRequest,
): Promise<Readonly<Record<string, string>>> {
  if (authenticator === undefined) return request.headers
  const headers = { ...request.headers, ...(await authenticator.requestHeaders(request)) }
  const set = Object.entries(headers).filter(([, value]) => value !== undefined)
  return Object.fromEntries(set) as Record<string, string>
}

const authenticator = text().nonEmpty().describe('The extension that does it.')

/** `auth` of gRPC servers and of clients. */
export const authFields = optional(object({ authenticator })).describe('Who may, or who we are.')

export type AuthConfig = Infer<typeof authFields>

const isServer = (extension: object): extension is ServerAuthenticator =>
  'authenticate' in extension && typeof extension.authenticate === 'function'

const isClient = (extension: object): extension is ClientAuthenticator =>
  'requestHeaders' in extension && typeof extension.requestHeaders === 'function'

/** Undefined if no `auth` is set. Throws if there is no such extension, or if it is for the other side. */
export function serverAuthenticator(
  ctx: Context,
  config: AuthConfig,
): ServerAuthenticator | undefined {
  if (config === undefined) return undefined
  const extension = extensionOf(ctx, config.authenticator)
  if (isServer(extension)) return extension
  throw new Error('requested authenticator is not a server authenticator')
}

export function clientAuthenticator(
  ctx: Context,
  config: AuthConfig,
): ClientAuthenticator | undefined {
  if (config === undefined) return undefined
  const extension = extensionOf(ctx, config.authenticator)
  if (isClient(extension)) return extension
  throw new Error('requested authenticator is not a client authenticator')
}

function extensionOf(ctx: Context, id: string): Component {
  const extension = ctx.extension(id)
  if (extension !== undefined) return extension
  throw new Error(`failed to resolve authenticator "${id}": authenticator not found`)
}
