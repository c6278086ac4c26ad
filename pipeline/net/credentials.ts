import type { IncomingMessage } from 'node:http'
import type { Info } from '../component.ts'
import type { Headers, Identity } from './auth.ts'
import { certificateMetadata, withCertificate } from './peer_certificate.ts'

/** Headers of a request, names in small letters. */
const headersOf = (request: IncomingMessage): Headers =>
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

/** Of a server: what goes along with requests, for processors that ask for it. */
export interface IncludedMetadata {
  readonly include_metadata: boolean
  readonly include_tls_metadata: boolean
}

/** What goes along of the headers and the certificate, each read if it is wanted. */
export function includedMetadata(
  config: IncludedMetadata,
  headers: () => Headers,
  certificate: () => Headers,
): Headers {
  const sent = config.include_metadata ? headers() : NO_METADATA
  return config.include_tls_metadata ? withCertificate(sent, certificate()) : sent
}

/** What a request over HTTP tells of its sender. */
export const infoOfRequest = (
  request: IncomingMessage,
  config: IncludedMetadata,
  auth: Identity | undefined,
) =>
  ({
    client: {
      address: request.socket.remoteAddress ?? '',
      metadata: includedMetadata(
        config,
        () => headersOf(request),
        () => certificateMetadata(request.socket),
      ),
      ...(auth && { auth }),
    },
    transport: 'http',
    headerOf: (name: string) => request.headersDistinct[name]?.[0],
  }) as const satisfies Info
