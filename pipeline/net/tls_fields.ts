import type { ConnectionOptions, SecureContextOptions } from 'node:tls'
import { bool, type Infer, object, text } from '../../config/fields.ts'
import { builtins } from './builtins.ts'
import { hasCertificate, hasKey, systemAuthorities, tlsCommon, tlsFault } from './tls_common.ts'

/** `tls` of everything that connects as a client. */
export const tlsClientFields = object({
  insecure: bool()
    .default(false)
    .describe('Says that no TLS is meant; an https:// endpoint, or a CA, means it all the same.'),
  insecure_skip_verify: bool().default(false).describe("Accepts any server's certificate."),
  server_name_override: text().default('').describe('The name that the certificate must have.'),
  ...tlsCommon,
})
  .check((tls) => tlsFault(tls))
  .check(
    (tls) =>
      hasCertificate(tls) !== hasKey(tls) &&
      'TLS configuration must include both certificate and key, or neither',
  )
  .describe('How to trust the server and to prove who we are.')

export type TlsClientConfig = Infer<typeof tlsClientFields>

/** Whether a connection without a scheme of its own is to be plain text. */
export const isPlain = (tls: TlsClientConfig): boolean =>
  tls.insecure && tls.ca_file === '' && tls.ca_pem === undefined

/** What a connection is made with: the context is shared, as parsing its certificates takes milliseconds. */
export type TlsClient = Pick<
  ConnectionOptions,
  'secureContext' | 'rejectUnauthorized' | 'servername'
>

/** A server is trusted that an authority of the files knows, or without one of the files, of the system. */
export const trustedBy = (files: SecureContextOptions): TlsClient => ({
  secureContext: builtins.tls.createSecureContext({
    ...files,
    ca: files.ca ?? [...systemAuthorities()],
  }),
})

export const tlsClient = (tls: TlsClientConfig, files: SecureContextOptions): TlsClient => ({
  ...trustedBy(files),
  rejectUnauthorized: !tls.insecure_skip_verify,
  ...(tls.server_name_override !== '' && { servername: tls.server_name_override }),
})
