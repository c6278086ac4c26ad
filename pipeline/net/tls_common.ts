import { readFile } from 'node:fs/promises'
import type { SecureContextOptions, SecureVersion } from 'node:tls'
import {
  bool,
  duration,
  enumOf,
  type Infer,
  list,
  object,
  opaque,
  text,
} from '../../config/fields.ts'
import { builtins } from './builtins.ts'
import { refused } from './refused.ts'

const VERSIONS = ['', '1.0', '1.1', '1.2', '1.3'] as const

/** Go's names of suites that it calls secure, and OpenSSL's. Those of TLS 1.3 cannot be chosen, there as here. */
const CIPHERS: Readonly<Record<string, string>> = {
  TLS_AES_128_GCM_SHA256: '',
  TLS_AES_256_GCM_SHA384: '',
  TLS_CHACHA20_POLY1305_SHA256: '',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
}
const TLS_1_3 = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256'

const CURVES = {
  X25519MLKEM768: 'X25519MLKEM768',
  X25519: 'X25519',
  P256: 'P-256',
  P384: 'P-384',
  P521: 'P-521',
} as const
type Curve = keyof typeof CURVES
const CURVE_NAMES = Object.keys(CURVES) as Curve[]

/** What `tls` of clients and of servers has in common. */
export const tlsCommon = {
  ca_file: text().default('').describe('Certificates of the authorities to trust, PEM.'),
  ca_pem: opaque().optional().describe('The same, written here.'),
  include_system_ca_certs_pool: bool()
    .default(false)
    .describe('Trusts the authorities of the system besides those of ca_file.'),
  cert_file: text().default('').describe('Our certificate, PEM.'),
  cert_pem: opaque().optional().describe('The same, written here.'),
  key_file: text().default('').describe('The key of our certificate, PEM.'),
  key_pem: opaque().optional().describe('The same, written here.'),
  min_version: enumOf(VERSIONS).default('1.2').describe('The lowest version of TLS.'),
  max_version: enumOf(VERSIONS).default('').describe('The highest version of TLS; empty is 1.3.'),
  cipher_suites: list(
    text().check((name) => !Object.hasOwn(CIPHERS, name) && `invalid TLS cipher suite: "${name}"`),
  ).describe("Suites up to TLS 1.2, by Go's names; none is a safe choice."),
  curve_preferences: list(enumOf(CURVE_NAMES, (found) => `invalid curve type: ${found}`)).describe(
    'Curves, the best first.',
  ),
  reload_interval: duration()
    .min(0)
    .default(0)
    .describe('How often the files are read again; 0 is never.'),
  tpm: refused('a key in a TPM, which neither Node nor weir can use; put the key into key_file'),
}

const commonFields = object(tlsCommon)
export type TlsCommon = Infer<typeof commonFields>

type Named = Pick<TlsCommon, 'cert_file' | 'cert_pem' | 'key_file' | 'key_pem'>
export const hasCertificate = (tls: Named) => tls.cert_file !== '' || tls.cert_pem !== undefined
export const hasKey = (tls: Named) => tls.key_file !== '' || tls.key_pem !== undefined

/** What is wrong with the combination, in the Collector's words. */
export function tlsFault(tls: TlsCommon): string | false {
  if (tls.ca_file !== '' && tls.ca_pem !== undefined) {
    return 'provide either a CA file or the PEM-encoded string, but not both'
  }
  if (tls.cert_file !== '' && tls.cert_pem !== undefined) {
    return 'provide either certificate file or PEM, but not both'
  }
  if (tls.key_file !== '' && tls.key_pem !== undefined) {
    return 'provide either key file or PEM, but not both'
  }
  return (
    (tls.min_version || '1.2') > (tls.max_version || '1.3') &&
    'invalid TLS configuration: min_version cannot be greater than max_version'
  )
}

/** Reads the files. Rejects with the name of the one that cannot be read. */
export async function tlsCommonOptions(tls: TlsCommon): Promise<SecureContextOptions> {
  const [ca, cert, key] = await Promise.all([
    pem('ca_file', tls.ca_file, tls.ca_pem),
    pem('cert_file', tls.cert_file, tls.cert_pem),
    pem('key_file', tls.key_file, tls.key_pem),
  ])
  const old = tls.min_version === '1.0' || tls.min_version === '1.1'
  const chosen = tls.cipher_suites.map((name) => CIPHERS[name] ?? '').filter((name) => name !== '')
  const ciphers = chosen.length > 0 ? [TLS_1_3, ...chosen].join(':') : 'DEFAULT'
  return {
    minVersion: version(tls.min_version || '1.2'),
    maxVersion: version(tls.max_version || '1.3'),
    // OpenSSL has switched the old versions off unless it is told so.
    ...((old || chosen.length > 0) && { ciphers: old ? `${ciphers}:@SECLEVEL=0` : ciphers }),
    ...(tls.curve_preferences.length > 0 && {
      ecdhCurve: tls.curve_preferences.map((name) => CURVES[name]).join(':'),
    }),
    ...(ca !== undefined && {
      ca: tls.include_system_ca_certs_pool ? [ca, ...systemAuthorities()] : ca,
    }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  }
}

/** Those of the machine, which SSL_CERT_FILE can move, and those that Node brings for machines without. */
export const systemAuthorities = (): readonly string[] => [
  ...builtins.tls.rootCertificates,
  ...builtins.tls.getCACertificates('system'),
]

const version = (number: string): SecureVersion =>
  (number === '1.0' ? 'TLSv1' : `TLSv${number}`) as SecureVersion

async function pem(
  field: string,
  file: string,
  inline: { reveal(): string } | undefined,
): Promise<string | undefined> {
  if (inline !== undefined) return inline.reveal()
  return file === '' ? undefined : readPem(field, file)
}

export async function readPem(field: string, file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8')
    // As it is for a moment while somebody writes it anew: without a certificate no handshake would succeed.
    if (text.trim() === '') throw new Error('the file is empty')
    return text
  } catch (cause) {
    throw new Error(`read tls::${field} "${file}": ${(cause as Error).message}`, { cause })
  }
}
