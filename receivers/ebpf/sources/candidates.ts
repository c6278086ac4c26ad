import { type BigIntStats, readdirSync, statfsSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { readText } from '../discovery/proc_text.ts'
import { remember } from '../remember.ts'

/** A file that may hold a library for TLS. */
export interface Candidate {
  /** Same file, same key, whichever way leads to it. */
  readonly key: string
  /** Leads to the file from weir's own mount namespace, as long as the process lives. */
  readonly path: string
  /** As the process that maps it names it. */
  readonly name: string
  /** Whose look at the file is waited for; undefined where no process asked for it. */
  readonly tgid?: number
}

/** `libssl.so.3`, `libssl-3f1a.so.1.1` of a Python wheel, and Node as a library. */
const LIBRARY = /^lib(ssl|node|gnutls)[-.\w]*\.so(\.|$)/

/** Of distributions. */
export const LIBRARY_FOLDERS = [
  '/lib',
  '/lib64',
  '/usr/lib',
  '/usr/lib64',
  '/usr/local/lib',
  '/usr/local/lib64',
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
]

const EXECUTABLES = ['/usr/local/bin/node', '/usr/bin/node', '/usr/bin/nodejs']

/**
 * What one process maps executable, and may be OpenSSL: its libraries by name, and its executable. Undefined when it has
 * ended. map_files leads to files that are deleted or hidden by mounts, too, but asks for CAP_CHECKPOINT_RESTORE; without that
 * they are found in the process' root, if the name still is that of the mapped file.
 * Source: https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html, https://man7.org/linux/man-pages/man5/proc_pid_map_files.5.html
 */
export function mappedCandidates(
  tgid: number,
  exePath: string,
  proc = '/proc',
): Candidate[] | undefined {
  const maps = readText(`${proc}/${tgid}/maps`)
  if (maps === undefined || maps === '') return undefined
  const found = new Map<string, Candidate>()
  for (const line of maps.split('\n')) {
    const [range, access, , , inode = '', ...rest] = line.split(/ +/)
    const name = rest.join(' ').replace(/ \(deleted\)$/, '')
    if (range === undefined || access?.[2] !== 'x' || !name.startsWith('/')) continue
    if (name !== exePath && !LIBRARY.test(name.slice(name.lastIndexOf('/') + 1))) continue
    const candidate =
      fileCandidate(`${proc}/${tgid}/map_files/${unpadded(range)}`, name) ??
      fileCandidate(`${proc}/${tgid}/root${name}`, name, inode)
    if (candidate !== undefined) found.set(candidate.key, { ...candidate, tgid })
  }
  return [...found.values()]
}

/** maps pads addresses below 4 GiB, those of programs that are not position-independent; map_files does not. */
const unpadded = (range: string) => range.replaceAll(/\b0+(?=[\da-f])/g, '')

/** What lies in the usual folders of this machine: its first user is then seen from its first byte. */
export function installedCandidates(): Candidate[] {
  return [...LIBRARY_FOLDERS.flatMap(librariesIn), ...EXECUTABLES].flatMap(
    (path) => fileCandidate(path, path) ?? [],
  )
}

/**
 * What a program may bring with it: its own file, and libraries beside it or in the `lib` beside its `bin`. For a process
 * that ends before anyone can look at what it maps: the next one of its kind is then seen from its first byte.
 */
export function neighbourCandidates(exePath: string): Candidate[] {
  const folder = dirname(exePath)
  const above = dirname(folder)
  const inBin = /^s?bin$/.test(basename(folder))
  const folders = [`${above}/lib`, `${above}/lib64`, ...(inBin ? [] : [folder, `${folder}/lib`])]
  const others = folders.filter((one) => !LIBRARY_FOLDERS.includes(one))
  return [exePath, ...others.flatMap(librariesIn)].flatMap(
    (path) => fileCandidate(path, path) ?? [],
  )
}

const librariesIn = (folder: string): string[] =>
  namesIn(folder)
    .filter((name) => LIBRARY.test(name))
    .map((name) => `${folder}/${name}`)

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Undefined when there is no such file, or no longer; or one with another `inode`, if that is given. */
export function fileCandidate(path: string, name: string, inode?: string): Candidate | undefined {
  try {
    const file = statSync(path, { bigint: true })
    if (!file.isFile() || (inode !== undefined && String(file.ino) !== inode)) return undefined
    return { key: keyOf(path, file), path, name }
  } catch {
    return undefined
  }
}

const OVERLAYFS = 0x794c7630
const KNOWN_MAX = 4096

/** Keys of files that are no overlay's, by what an overlay above shows of them. */
const plainKeys = new Map<string, string>()
/** What overlays showed of files that were not known below. */
const overlaid = new Map<string, true>()

/**
 * An overlay has a device number of its own, over files that other overlays show too: containers of one image, or that the machine itself
 * uses. The kernel probes the file below, so what is told apart here would be probed, and hit, once for each of them. What came first
 * gives the key.
 */
function keyOf(path: string, { dev, ino, ctimeNs, size }: BigIntStats): string {
  const shown = `${ino}:${ctimeNs}:${size}`
  if (statfsSync(path).type === OVERLAYFS) {
    const below = plainKeys.get(shown)
    if (below === undefined) remember(overlaid, shown, true, KNOWN_MAX)
    return below ?? shown
  }
  if (overlaid.has(shown)) return shown
  remember(plainKeys, shown, `${dev}:${ino}`, KNOWN_MAX)
  return `${dev}:${ino}`
}
