import type { IncomingMessage } from 'node:http'
import type { Headers } from './auth.ts'

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
