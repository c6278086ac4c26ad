import type { Executable } from '../discovery/executable.ts'
import type { GoBuild } from '../discovery/go_build.ts'
import { readText } from '../discovery/proc_text.ts'
import type { Process } from '../discovery/process.ts'
import type { Runtime } from '../discovery/runtime.ts'
import { mappedCandidates } from '../sources/candidates.ts'
import type { FileReading } from '../sources/source.ts'
import type { TlsReport } from './report.ts'

/** What a source has found in a file, by the key of a Candidate. */
export type Probed = ReadonlyMap<string, FileReading>

interface Known {
  readonly library: string
  readonly files: RegExp
  /** '' for what is read where its symbols are found. */
  readonly unread: string
}

const LIBRARIES: readonly Known[] = [
  { library: 'OpenSSL', files: /\/libssl[-.\w]*\.so[^/]*$/, unread: '' },
  { library: 'OpenSSL of Node', files: /\/libnode\.so[^/]*$/, unread: '' },
  { library: 'GnuTLS', files: /\/libgnutls\.so[^/]*$/, unread: '' },
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
  const own = probes?.get(process.exePath)
  if (executable.go !== undefined)
    return [...found, ...goReport(process.exePath, executable.go, probes, own)]
  const links = own?.links.length ?? 0
  if (links > 0)
    found.push(probedReport('OpenSSL', process.exePath, links, 'in the executable itself'))
  else if (own !== undefined && own.unread !== '')
    found.push({ library: 'TLS', file: process.exePath, read: false, why: own.unread })
  const built = found.some(({ read }) => read) ? undefined : builtIn(process, runtime)
  return built === undefined ? found : [...found, built]
}

type Readings = ReadonlyMap<string, FileReading | undefined>

/** By the paths that the process has for them: one file may have several. */
const probesByName = ({ tgid, exePath }: Process, probed: Probed): Readings =>
  new Map((mappedCandidates(tgid, exePath) ?? []).map(({ key, name }) => [name, probed.get(key)]))

function libraryReport(
  { library, unread }: Known,
  file: string,
  probed: Readings | undefined,
): TlsReport {
  if (unread !== '') return { library, file, read: false, why: `mapped; ${unread}` }
  const probes = probed?.get(file)?.links.length ?? 0
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

/** Nothing of a program without crypto/tls. */
function goReport(
  file: string,
  { version }: GoBuild,
  probed: Readings | undefined,
  own: FileReading | undefined,
): readonly TlsReport[] {
  const library = 'Go crypto/tls'
  const go = version === '' ? 'Go' : `Go ${version}`
  if (probed === undefined) return [{ library, file, read: undefined, why: `${go}; no agent runs` }]
  if (own === undefined) return []
  if (own.unread !== '') return [{ library, file, read: false, why: `${go}; ${own.unread}` }]
  const why = `${go}; ${own.links.length} probes by its table of functions`
  return [{ library, file, read: true, why }]
}

/** Of what has its own in the program or the runtime. */
function builtIn({ exePath: file }: Process, { name, language }: Runtime): TlsReport | undefined {
  const unread = (library: string, why: string): TlsReport => ({ library, file, read: false, why })
  if (language === 'rust')
    return unread('rustls', 'if it encrypts, it may be by rustls; no probe for it')
  if (name === 'nodejs') return unread('OpenSSL', 'within Node; no probe is in it')
  if (name === 'java') return unread('JSSE', 'of the JVM; no probe reaches it')
  if (name === 'bun') return unread('BoringSSL', 'within Bun, without symbols')
  if (name === 'deno') return unread('rustls', 'within Deno; no probe for it')
  return undefined
}
