import { quietProgram, urlClient, versionOf } from '../programs.ts'
import type { CoverageRow, Stage } from '../row.ts'
import { libssl } from './kinds.ts'

const openssl = { ...libssl, version: versionOf(/OpenSSL ([\w.]+)/, 'openssl', 'version') }

/** It sends the request, and does not like the answer. */
const ocsp = urlClient((urls, { certificate: { cert } }: Stage) => {
  return ['openssl', 'ocsp', '-issuer', cert, '-cert', cert, '-url', ...urls]
}, true)

/** openssl(1) reads and writes through BIO_f_ssl, not by SSL_read and SSL_write. */
export const openssls: readonly CoverageRow[] = [
  {
    ...openssl,
    program: 'openssl s_server -www',
    onlyGets: true,
    serve: quietProgram((port, { certificate: { cert, key } }) => [
      ...['openssl', 's_server', '-quiet', '-www', '-accept', String(port)],
      ...['-cert', cert, '-key', key],
    ]),
  },
  {
    ...openssl,
    program: 'openssl ocsp',
    ask: async (stage, launcher, base, paths) => {
      for (const path of paths) await ocsp(stage, launcher, base, [path])
    },
  },
]
