import { readFile } from 'node:fs/promises'
import type { ConnectionOptions, SecureVersion } from 'node:tls'
import { bool, enumOf, type Infer, object, opaque, text } from '../../config/fields.ts'

const versions = ['1.2', '1.3'] as const

/** `tls` of everything that connects as a client. */
export const tlsClientFields = object({
  insecure: bool()
    .default(false)
    .describe(
      'Says that no TLS is meant; with an https:// endpoint it has no effect but a warning.',
    ),
  insecure_skip_verify: bool().default(false).describe("Accepts any server's certificate."),
  server_name_override: text().default('').describe('The name that the certificate must have.'),
  ca_file: text().default('').describe('Certificates of the authorities to trust, PEM.'),
  ca_pem: opaque().optional().describe('The same, written here.'),
  cert_file: text().default('').describe('Our certificate, PEM.'),
  cert_pem: opaque().optional().describe('The same, written here.'),
  key_file: text().default('').describe('The key of our certificate, PEM.'),
  key_pem: opaque().optional().describe('The same, written here.'),
  min_version: enumOf(versions).default('1.2').describe('The lowest version of TLS.'),
  max_version: enumOf(versions).default('1.3').describe('The highest version of TLS.'),
})
  .check(
    (tls) =>
      tls.ca_file !== '' &&
      tls.ca_pem !== undefined &&
      'provide either a CA file or the PEM-encoded string, but not both',
    'ca_pem',
  )
  .check(
    (tls) =>
      hasCertificate(tls) !== hasKey(tls) &&
      'for auth via TLS, provide both certificate and key, or neither',
  )
  .check(
    (tls) =>
      tls.min_version > tls.max_version &&
      'invalid TLS configuration: min_version cannot be greater than max_version',
    'min_version',
  )
  .describe('How to trust the server and to prove who we are.')

export type TlsClientConfig = Infer<typeof tlsClientFields>

const hasCertificate = (tls: { cert_file: string; cert_pem: unknown }) =>
  tls.cert_file !== '' || tls.cert_pem !== undefined
const hasKey = (tls: { key_file: string; key_pem: unknown }) =>
  tls.key_file !== '' || tls.key_pem !== undefined

/** Reads the files and gives Node's options. Rejects with the name of the file that cannot be read. */
export async function tlsClientOptions(tls: TlsClientConfig): Promise<ConnectionOptions> {
  const [ca, cert, key] = await Promise.all([
    pem('ca_file', tls.ca_file, tls.ca_pem),
    pem('cert_file', tls.cert_file, tls.cert_pem),
    pem('key_file', tls.key_file, tls.key_pem),
  ])
  return {
    rejectUnauthorized: !tls.insecure_skip_verify,
    minVersion: `TLSv${tls.min_version}` satisfies SecureVersion,
    maxVersion: `TLSv${tls.max_version}` satisfies SecureVersion,
    ...(tls.server_name_override !== '' && { servername: tls.server_name_override }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  }
}

async function pem(
  field: string,
  file: string,
  inline: { reveal(): string } | undefined,
): Promise<string | undefined> {
  if (inline !== undefined) return inline.reveal()
  if (file === '') return undefined
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new Error(`read tls::${field} "${file}": ${(cause as Error).message}`, { cause })
  }
}
