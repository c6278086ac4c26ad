import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Headers } from './auth.ts'

const SUBJECT = 'tls.subject'
const URI = 'tls.uri'
const NOTHING: Headers = new Map()

/** A connection has one certificate, and many requests. */
const known = new WeakMap<Socket, Headers>()

/** What the certificate of a client says: subject and URIs, by the names that the Collector gives them. Nothing without one. */
export function certificateMetadata(socket: Socket): Headers {
  let found = known.get(socket)
  if (found === undefined) {
    found = read(socket as TLSSocket)
    known.set(socket, found)
  }
  return found
}

function read(socket: TLSSocket): Headers {
  const certificate = socket.getPeerX509Certificate?.()
  if (certificate === undefined) return NOTHING
  // Lines in the order of the certificate; as one text (RFC 2253) the last one comes first.
  const subject = certificate.subject?.split('\n').reverse().join(',') ?? ''
  const uris = urisIn(certificate.subjectAltName ?? '')
  return new Map([
    [SUBJECT, [subject]] as const,
    ...(uris.length > 0 ? [[URI, uris] as const] : []),
  ])
}

/** `DNS:a, URI:b`, with quotes as of JSON around what has commas in it. */
const urisIn = (names: string): readonly string[] =>
  [...names.matchAll(/(?:^|, )URI:("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(([, uri = '']) =>
    uri.startsWith('"') ? String(JSON.parse(uri)) : uri,
  )

/** Headers with what a certificate says. A sender that has none cannot say it in a header: those of these names go. */
export function withCertificate(headers: Headers, certificate: Headers): Headers {
  const own = [...headers].filter(([name]) => name !== SUBJECT && name !== URI)
  return new Map([...own, ...certificate])
}
