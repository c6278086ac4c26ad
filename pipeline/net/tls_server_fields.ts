import type { Server, TlsOptions } from 'node:tls'
import { bool, type Infer, object, optional, text } from '../../config/fields.ts'
import type { Logger } from '../component.ts'
import {
  hasCertificate,
  hasKey,
  readPem,
  tlsCommon,
  tlsCommonOptions,
  tlsFault,
} from './tls_common.ts'
import { keepFresh } from './tls_reload.ts'

/** `tls` of servers; undefined is plain text. */
export const tlsServerFields = optional(
  object({
    ...tlsCommon,
    client_ca_file: text()
      .default('')
      .describe('Authorities of clients: with it, a client must prove who it is.'),
    client_ca_file_reload: bool()
      .default(false)
      .describe('Whether client_ca_file is read again when it changes.'),
  })
    .check((tls) => tlsFault(tls))
    .check(
      (tls) =>
        !(hasCertificate(tls) && hasKey(tls)) &&
        'TLS configuration must include both certificate and key for server connections',
    ),
  { absent: 'off', nullIsAbsent: true },
).describe('Encrypts; without it everything is plain text.')

export type TlsServerConfig = NonNullable<Infer<typeof tlsServerFields>>

/** Reads the files and gives Node's options. Rejects with the name of the file that cannot be read. */
export async function tlsServerOptions(tls: TlsServerConfig): Promise<TlsOptions> {
  const [{ ca: _ours, ...common }, ca] = await Promise.all([
    tlsCommonOptions(tls),
    tls.client_ca_file === '' ? undefined : readPem('client_ca_file', tls.client_ca_file),
  ])
  return {
    ...common,
    ...(ca !== undefined && { ca, requestCert: true, rejectUnauthorized: true }),
  }
}

/** Reads the files again as the configuration says, for connections to come. `files` were read at first. Gives what ends it. */
export const keepServerFresh = (
  server: Pick<Server, 'setSecureContext'>,
  tls: TlsServerConfig,
  files: TlsOptions,
  log: Logger,
): (() => void) =>
  keepFresh(files, {
    intervalMs: tls.reload_interval,
    watched: tls.client_ca_file_reload ? tls.client_ca_file : '',
    read: () => tlsServerOptions(tls),
    apply: (options) => server.setSecureContext(options),
    log,
  })
