import { readFile } from 'node:fs/promises'
import type { SecureVersion, TlsOptions } from 'node:tls'
import { enumOf, type Infer, object, optional, text } from '../../config/fields.ts'

const versions = ['1.2', '1.3'] as const

/** `tls` of servers; undefined is plain text. */
export const tlsServerFields = optional(
  object({
    cert_file: text().default('').describe('Our certificate, PEM.'),
    key_file: text().default('').describe('Its key, PEM.'),
    client_ca_file: text()
      .default('')
      .describe('Authorities of clients: with it, a client must prove who it is.'),
    min_version: enumOf(versions).default('1.2').describe('The lowest version of TLS.'),
    max_version: enumOf(versions).default('1.3').describe('The highest version of TLS.'),
  }).check(
    (tls) =>
      (tls.cert_file === '' || tls.key_file === '') &&
      'TLS configuration must include both certificate and key for server connections',
  ),
).describe('Encrypts; without it everything is plain text.')

export type TlsServerConfig = NonNullable<Infer<typeof tlsServerFields>>

/** Reads the files and gives Node's options. Rejects with the name of the file that cannot be read. */
export async function tlsServerOptions(tls: TlsServerConfig): Promise<TlsOptions> {
  const [cert, key, ca] = await Promise.all([
    read('cert_file', tls.cert_file),
    read('key_file', tls.key_file),
    tls.client_ca_file === '' ? undefined : read('client_ca_file', tls.client_ca_file),
  ])
  return {
    cert,
    key,
    minVersion: `TLSv${tls.min_version}` satisfies SecureVersion,
    maxVersion: `TLSv${tls.max_version}` satisfies SecureVersion,
    ...(ca !== undefined && { ca, requestCert: true, rejectUnauthorized: true }),
  }
}

async function read(field: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new Error(`read tls::${field} "${file}": ${(cause as Error).message}`, { cause })
  }
}
