import { bool } from '../../config/fields.ts'

/** Of every server. */
export const includeTlsMetadata = bool()
  .default(false)
  .describe(
    'Whether the subject and the URIs of client certificates go along, as `metadata.tls.subject` and `metadata.tls.uri`; needs `tls::client_ca_file`.',
  )
