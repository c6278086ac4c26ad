import { readdirSync, statSync } from 'node:fs'
import { readText } from '../../discovery/procfs.ts'

/** A file that may hold a copy of OpenSSL. */
export interface Candidate {
  /** Same file, same key: device and inode. */
  readonly key: string
  /** Leads to the file from weir's own mount namespace, as long as the process lives. */
  readonly path: string
  /** As the process that maps it names it. */
  readonly name: string
}

/** `libssl.so.3`, `libssl-3f1a.so.1.1` of a Python wheel, and Node as a library. */
const LIBRARY = /^lib(ssl|node)[-.\w]*\.so(\.|$)/

const LIBRARY_FOLDERS = [
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
 * ended. Source: https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html
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
    const [range, access, , device, inode, ...rest] = line.split(/ +/)
    const name = rest.join(' ').replace(/ \(deleted\)$/, '')
    if (range === undefined || access?.[2] !== 'x' || !name.startsWith('/')) continue
    if (name !== exePath && !LIBRARY.test(name.slice(name.lastIndexOf('/') + 1))) continue
    const key = `${device}:${inode}`
    found.set(key, { key, name, path: `${proc}/${tgid}/map_files/${range}` })
  }
  return [...found.values()]
}

/** What lies in the usual folders of this machine: its first user is then seen from its first byte. */
export function installedCandidates(): Candidate[] {
  const libraries = LIBRARY_FOLDERS.flatMap((folder) =>
    namesIn(folder)
      .filter((name) => LIBRARY.test(name))
      .map((name) => `${folder}/${name}`),
  )
  return [...libraries, ...EXECUTABLES].flatMap(fileCandidate)
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function fileCandidate(path: string): Candidate[] {
  const file = statSync(path, { throwIfNoEntry: false })
  if (file === undefined || !file.isFile()) return []
  return [{ key: deviceKey(file.dev, file.ino), path, name: path }]
}

/** As /proc/PID/maps writes it: `fd:01:123`. `dev` is what stat(2) gives. */
export function deviceKey(dev: number, inode: number): string {
  const number = BigInt(dev)
  const major = ((number >> 8n) & 0xfffn) | ((number >> 32n) & 0xfffff000n)
  const minor = (number & 0xffn) | ((number >> 12n) & 0xffffff00n)
  const hex = (part: bigint) => part.toString(16).padStart(2, '0')
  return `${hex(major)}:${hex(minor)}:${inode}`
}
