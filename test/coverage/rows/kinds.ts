import { PROGRAMS } from '../programs.ts'

/** What OBI's documentation says. */
export const OBI = {
  plain: 'read',
  libssl: 'read',
  inExecutable: 'read for HTTP where it has symbols',
  go: 'read, of Go 1.17 and newer',
  jsse: 'read, by an agent that it puts into the JVM',
  other: 'not among what it reads',
  unsaid: 'not said',
} as const

/** Of most rows: played by `npm test`, and stripped, as Debian's libraries are. */
const COMMON = { stripped: true, small: true } as const

export const plain = { ...COMMON, tls: '', obi: OBI.plain } as const
export const libssl = { ...COMMON, tls: "Debian's libssl", obi: OBI.libssl } as const
export const gnutls = { ...COMMON, tls: "Debian's libgnutls", obi: OBI.other } as const
export const nss = { ...COMMON, tls: 'NSS', obi: OBI.other, unread: 'NSS' } as const
export const boringssl = {
  ...COMMON,
  tls: 'BoringSSL in the executable',
  obi: OBI.other,
  unread: 'BoringSSL',
} as const
export const rustls = {
  ...COMMON,
  tls: 'rustls in the executable',
  obi: OBI.other,
  unread: 'rustls',
} as const
export const s2n = {
  ...COMMON,
  tls: 's2n with AWS-LC in a library',
  stripped: false,
  obi: OBI.other,
  unread: 's2n',
} as const
export const jsse = {
  ...COMMON,
  tls: 'JSSE',
  stripped: false,
  obi: OBI.jsse,
  unread: 'JSSE',
} as const
export const erlang = {
  ...COMMON,
  tls: "Erlang's ssl",
  obi: OBI.other,
  unread: 'Erlang ssl',
} as const

/** A file of programs/. */
export const script = (name: string): string => `${PROGRAMS}${name}`
