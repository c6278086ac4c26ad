import type { Executable } from '../discovery/executable.ts'
import { readText } from '../discovery/proc_text.ts'
import type { Process } from '../discovery/process.ts'
import type { Runtime } from '../discovery/runtime.ts'
import { mappedCandidates } from '../sources/openssl/candidates.ts'
import type { TlsReport } from './report.ts'

/** How many probes are in a file, by the key of a Candidate. */
export type Probed = ReadonlyMap<string, number>

interface Known {
  readonly library: string
  readonly files: RegExp
  /** '' for what is read where its symbols are found. */
  readonly unread: string
}

const LIBRARIES: readonly Known[] = [
  { library: 'OpenSSL', files: /\/libssl[-.\w]*\.so[^/]*$/, unread: '' },
  { library: 'OpenSSL of Node', files: /\/libnode\.so[^/]*$/, unread: '' },
  { library: 'GnuTLS', files: /\/libgnutls\.so[^/]*$/, unread: 'no probe for GnuTLS' },
  { library: 'NSS', files: /\/libssl3\.so$/, unread: 'no probe for NSS' },
  { library: 'mbedTLS', files: /\/libmbedtls\.so[^/]*$/, unread: 'no probe for mbedTLS' },
  { library: 'wolfSSL', files: /\/libwolfssl\.so[^/]*$/, unread: 'no probe for wolfSSL' },
  { library: 's2n', files: /\/libs2n\.so[^/]*$/, unread: 'no probe for s2n' },
]

/** What can encrypt in a process. `probed` is undefined when no agent runs. */
export function tlsOf(
  process: Process,
  executable: Executable,
  runtime: Runtime,
  probed: Probed | undefined,
): readonly TlsReport[] {
  const maps = readText(`/proc/${process.tgid}/maps`) ?? ''
  const probes = probed && probesByName(process, probed)
  const files = [...new Set(maps.match(/\/.*$/gm))].map((file) => file.replace(/ \(deleted\)$/, ''))
  const found = files.flatMap((file) => {
    const known = LIBRARIES.find((one) => one.files.test(file))
    return known === undefined ? [] : [libraryReport(known, file, probes)]
  })
  const own = probes?.get(process.exePath) ?? 0
  if (own > 0) found.push(probedReport('OpenSSL', process.exePath, own, 'in the executable itself'))
  const built = found.some(({ read }) => read) ? undefined : builtIn(process, executable, runtime)
  return built === undefined ? found : [...found, built]
}

/** By the paths that the process has for them: one file may have several. */
const probesByName = ({ tgid, exePath }: Process, probed: Probed): ReadonlyMap<string, number> =>
  new Map(
    (mappedCandidates(tgid, exePath) ?? []).map(({ key, name }) => [name, probed.get(key) ?? 0]),
  )

function libraryReport(
  { library, unread }: Known,
  file: string,
  probed: ReadonlyMap<string, number> | undefined,
): TlsReport {
  if (unread !== '') return { library, file, read: false, why: `mapped; ${unread}` }
  const probes = probed?.get(file) ?? 0
  if (probes > 0) return probedReport(library, file, probes, 'mapped')
  if (probed === undefined) return { library, file, read: undefined, why: 'mapped; no agent runs' }
  return { library, file, read: false, why: 'mapped; no probe is in it: see the log of weir' }
}

const probedReport = (library: string, file: string, probes: number, how: string): TlsReport => ({
  library,
  file,
  read: true,
  why: `${how}; ${probes} probes by symbol`,
})

/** Of what has its own in the program or the runtime. */
function builtIn(
  { exePath: file }: Process,
  { go }: Executable,
  { name, language }: Runtime,
): TlsReport | undefined {
  const unread = (library: string, why: string): TlsReport => ({ library, file, read: false, why })
  if (go !== undefined) return unread('Go crypto/tls', `Go ${go.version}; no probe for Go's TLS`)
  if (language === 'rust')
    return unread('rustls', 'if it encrypts, it may be by rustls; no probe for it')
  if (name === 'nodejs') return unread('OpenSSL', 'within Node; no probe is in it')
  if (name === 'java') return unread('JSSE', 'of the JVM; no probe reaches it')
  if (name === 'bun') return unread('BoringSSL', 'within Bun, without symbols')
  if (name === 'deno') return unread('rustls', 'within Deno; no probe for it')
  return undefined
}
