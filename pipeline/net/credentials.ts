import type { IncomingMessage } from 'node:http'
import type { Info } from '../component.ts'
import type { Headers, Identity } from './auth.ts'

/** Headers of a request, names in small letters. */
export const headersOf = (request: IncomingMessage): Headers =>
  new Map(Object.entries(request.headersDistinct as Readonly<Record<string, string[]>>))

/** The headers, and those parameters of the URL that count as headers (`auth::request_params`). */
export function credentialsOf(request: IncomingMessage, parameters: readonly string[]): Headers {
  const headers = headersOf(request)
  if (parameters.length === 0) return headers
  const credentials = new Map(headers)
  const query = new URLSearchParams(request.url?.split('?', 2)[1])
  for (const name of parameters) {
    if (query.has(name)) credentials.set(name.toLowerCase(), query.getAll(name))
  }
  return credentials
}

const NO_METADATA: Headers = new Map()

/** What a request over HTTP tells of its sender. */
export const infoOfRequest = (
  request: IncomingMessage,
  includeMetadata: boolean,
  auth: Identity | undefined,
) =>
  ({
    client: {
      address: request.socket.remoteAddress ?? '',
      metadata: includeMetadata ? headersOf(request) : NO_METADATA,
      ...(auth && { auth }),
    },
    transport: 'http',
    headerOf: (name: string) => request.headersDistinct[name]?.[0],
  }) as const satisfies Info
