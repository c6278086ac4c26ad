import { dirname } from 'node:path'
import type { Executable } from '../discovery/executable.ts'
import type { GoBuild } from '../discovery/go_build.ts'
import { readText } from '../discovery/proc_text.ts'
import type { Process } from '../discovery/process.ts'
import type { Runtime } from '../discovery/runtime.ts'
import { LIBRARY_FOLDERS, mappedCandidates } from '../sources/candidates.ts'
import type { FileReading } from '../sources/source.ts'
import { rustlsIn } from '../tls/rustls.ts'
import { filesOfCode, type TlsUsers } from '../tls/users.ts'
import type { TlsReport } from './report.ts'

/** What a running agent knows of libraries. */
export interface LiveTls {
  /** What a source has found in a file, by the key of a Candidate. */
  readonly probed: ReadonlyMap<string, FileReading>
  readonly users: TlsUsers
}

interface Known {
  readonly library: string
  readonly files: RegExp
  /** '' for what is read where its symbols are found. */
  readonly unread: string
}

/** The first whose name fits: NSS has OpenSSL's. Two wheels of Python have a library of their own in a module of C. */
const LIBRARIES: readonly Known[] = [
  { library: 'NSS', files: /\/libssl3\.so$/, unread: 'no probe for NSS' },
  { library: 'OpenSSL', files: /\/libssl[-.\w]*\.so[^/]*$/, unread: '' },
  { library: 'OpenSSL of Node', files: /\/libnode\.so[^/]*$/, unread: '' },
  { library: 'GnuTLS', files: /\/libgnutls\.so[^/]*$/, unread: '' },
  { library: 'mbedTLS', files: /\/libmbedtls[-.\w]*\.so[^/]*$/, unread: 'no probe for mbedTLS' },
  { library: 'wolfSSL', files: /\/libwolfssl[-.\w]*\.so[^/]*$/, unread: 'no probe for wolfSSL' },
  { library: 's2n', files: /\/(?:libs2n|_awscrt)[-.\w]*\.so[^/]*$/, unread: 'no probe for s2n' },
  { library: 'BoringSSL', files: /\/curl_cffi\/[^/]*\.so$/, unread: 'no probe for BoringSSL' },
]

/** A process with what can be asked of it. */
interface Subject {
  readonly file: string
  /** By the paths that the process has for them; undefined: no agent runs. */
  readonly probed: Readings | undefined
  /** Files of which code moved plaintext. */
  readonly used: ReadonlySet<string>
}

type Readings = ReadonlyMap<string, FileReading | undefined>

/** What can encrypt in a process. `live` is undefined when no agent runs. */
export function tlsOf(
  process: Process,
  executable: Executable,
  runtime: Runtime,
  live: LiveTls | undefined,
): readonly TlsReport[] {
  const maps = readText(`/proc/${process.tgid}/maps`) ?? ''
  const subject: Subject = {
    file: process.exePath,
    probed: live && probesByName(process, live.probed),
    used: filesOfCode(maps, live?.users.get(process.tgid) ?? []),
  }
  const found = librariesIn(maps, subject)
  if (executable.go !== undefined) return [...found, ...goReport(executable.go, subject)]
  const own = ownReport(subject)
  if (own !== undefined) found.push(own)
  found.push(...rustlsReports(process, maps))
  const built = found.some(({ read }) => read) ? undefined : builtIn(process, runtime)
  return built === undefined ? found : [...found, built]
}

/** By the paths that the process has for them: one file may have several. */
const probesByName = ({ tgid, exePath }: Process, probed: LiveTls['probed']): Readings =>
  new Map((mappedCandidates(tgid, exePath) ?? []).map(({ key, name }) => [name, probed.get(key)]))

function librariesIn(maps: string, subject: Subject): TlsReport[] {
  const files = [...new Set(maps.match(/\/.*$/gm))].map((file) => file.replace(/ \(deleted\)$/, ''))
  return files.flatMap((file) => {
    const known = LIBRARIES.find((one) => one.files.test(file))
    return known === undefined ? [] : [libraryReport(known, file, subject)]
  })
}

function libraryReport({ library, unread }: Known, file: string, subject: Subject): TlsReport {
  const { probed } = subject
  if (unread !== '') return { ...UNUSED, library, file, read: false, why: `mapped; ${unread}` }
  const probes = probed?.get(file)?.links.length ?? 0
  if (probes > 0) return probedReport(library, file, `mapped; ${probes} probes by symbol`, subject)
  if (probed === undefined)
    return { ...UNUSED, library, file, read: undefined, why: 'mapped; no agent runs' }
  const why = 'mapped; no probe is in it: see the log of weir'
  return { ...UNUSED, library, file, read: false, why }
}

/** Of what nobody reads, nobody knows it. */
const UNUSED = { used: undefined }

const probedReport = (
  library: string,
  file: string,
  why: string,
  { used }: Subject,
): TlsReport => ({ library, file, read: true, used: used.has(file), why })

/** OpenSSL in the executable itself. */
function ownReport(subject: Subject): TlsReport | undefined {
  const { file, probed } = subject
  const own = probed?.get(file)
  const probes = own?.links.length ?? 0
  if (probes > 0)
    return probedReport(
      'OpenSSL',
      file,
      `in the executable itself; ${probes} probes by symbol`,
      subject,
    )
  if (own === undefined || own.unread === '') return undefined
  return { ...UNUSED, library: 'TLS', file, read: false, why: own.unread }
}

/** Nothing of a program without crypto/tls. */
function goReport({ version }: GoBuild, subject: Subject): readonly TlsReport[] {
  const { file, probed } = subject
  const library = 'Go crypto/tls'
  const go = version === '' ? 'Go' : `Go ${version}`
  if (probed === undefined)
    return [{ ...UNUSED, library, file, read: undefined, why: `${go}; no agent runs` }]
  const own = probed.get(file)
  if (own === undefined) return []
  if (own.unread !== '')
    return [{ ...UNUSED, library, file, read: false, why: `${go}; ${own.unread}` }]
  const why = `${go}; ${own.links.length} probes by its table of functions`
  return [probedReport(library, file, why, subject)]
}

/** Modules in Rust that an interpreter has loaded. Those of the distribution have its libraries. */
function rustlsReports({ tgid, exePath }: Process, maps: string): TlsReport[] {
  const code = [...maps.matchAll(/^\S+ r-xp .*? (\/.*\.so[^/]*)$/gm)].map(([, file = '']) => file)
  const others = [...new Set(code)].filter(
    (file) => file !== exePath && !LIBRARY_FOLDERS.includes(dirname(file)),
  )
  return others.flatMap((file) => {
    const version = rustlsIn(`/proc/${tgid}/root${file}`)
    const why = `mapped; rustls ${version} is in it, and no probe for that`
    return version === undefined ? [] : [{ ...UNUSED, library: 'rustls', file, read: false, why }]
  })
}

/** Of what has its own in the program or the runtime. */
function builtIn(
  { tgid, exePath: file }: Process,
  { name, language }: Runtime,
): TlsReport | undefined {
  const unread = (library: string, why: string): TlsReport => ({
    ...UNUSED,
    library,
    file,
    read: false,
    why,
  })
  if (language === 'rust') return unread('rustls', rustText(rustlsIn(`/proc/${tgid}/exe`)))
  if (name === 'nodejs') return unread('OpenSSL', 'within Node; no probe is in it')
  if (name === 'java') return unread('JSSE', 'of the JVM; no probe reaches it')
  if (name === 'bun') return unread('BoringSSL', 'within Bun, without symbols')
  if (name === 'BEAM') return unread('Erlang ssl', 'of Erlang/OTP; no probe reaches it')
  if (name === 'deno') return unread('rustls', 'within Deno; no probe for it')
  return undefined
}

const rustText = (version: string | undefined): string =>
  version === undefined
    ? 'if it encrypts, it may be by rustls; no probe for it'
    : `rustls ${version} is in the executable; no probe for it`
