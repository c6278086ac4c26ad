import { type Infer, object, optional, text } from '../../config/fields.ts'
import type { Component, Context } from '../component.ts'

/** Headers of a request, names in small letters. */
export type Headers = ReadonlyMap<string, readonly string[]>

/** An extension that says who may send to a server. */
export interface ServerAuthenticator {
  /** Rejects if the sender is not allowed; its message goes to the sender. */
  authenticate(headers: Headers): Promise<void>
}

/** An extension that adds to the requests of a client what proves who it is. */
export interface ClientAuthenticator {
  requestHeaders(): Promise<Readonly<Record<string, string>>>
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
