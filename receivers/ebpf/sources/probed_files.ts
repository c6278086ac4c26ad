import { existsSync } from 'node:fs'
import type { BpfObject } from '../../../native/bpf_object.ts'
import { messageOf } from '../../../pipeline/message_of.ts'
import { type Candidate, fileCandidate } from './candidates.ts'
import { harmOf } from './harm.ts'
import { dropOldest } from './oldest.ts'
import type { SourceHost } from './source.ts'

/** Where a program of a source's object is attached. */
export interface Place {
  readonly program: string
  /** Of the instruction, bytes from the start of the file. */
  readonly offset: number
  readonly retprobe: boolean
  /** False: the kernel single-steps the instruction, which costs several times as much. */
  readonly emulated: boolean
}

/** What a source found in a file. */
export interface Inspection<P extends Place> {
  /** None: nothing of this source is in the file, or nothing that it can read. */
  readonly probes: readonly P[]
  /** They are of the costly sort: where, and why. */
  readonly costly?: string | undefined
  /** Why what is in the file cannot be read. */
  readonly unread?: string | undefined
}

const NOTHING: Inspection<never> = { probes: [] }

/** What became of a file. */
export interface ProbedFile<P extends Place> {
  readonly name: string
  readonly probes: readonly P[]
  readonly links: readonly number[]
  /** '' unless there is something in the file that cannot be read. */
  readonly unread: string
  /** By `performance.now()`. */
  readonly attachedMs: number
}

export interface FileEvents {
  failed(candidate: Candidate, error: unknown): void
  costly(candidate: Candidate, how: string): void
  withdrawn(name: string, why: string): void
  /** The process that the candidate was found by had ended when its file had been looked at. */
  late(tgid: number): void
}

/** Counts what failed, and says it in the log. */
export const tellHost = (host: SourceHost): FileEvents => ({
  failed: ({ name }, error) => {
    host.count('probe_not_attached')
    const cause = messageOf(error)
    host.log.warn(`probe ${name}: ${cause}`)
  },
  costly: ({ name }, how) => host.log.info(`probe ${name}: ${how}`),
  withdrawn(name, why) {
    host.count('probes_withdrawn')
    host.log.warn(`probe ${name}: ${why}`)
  },
  late: (tgid) => host.endedUnread(tgid),
})

/** A program that crashes so soon after its first probe may do so because of it. */
const SUSPECT_MS = 10_000
const FILES_MAX = 1024 // inodes, of which few hold what a source looks for

/**
 * The files that a source has inspected, and its probes in them. Each file is inspected once, one at a time. The file used
 * longest ago gives its place, and its probes, away.
 */
export class ProbedFiles<P extends Place> {
  readonly #object: BpfObject
  readonly #files = new Map<string, ProbedFile<P> | undefined>()
  readonly #inspectFile: (path: string) => Promise<Inspection<P>>
  readonly #events: FileEvents
  #queue: Promise<void> = Promise.resolve()
  #closed = false

  constructor(
    object: BpfObject,
    inspectFile: (path: string) => Promise<Inspection<P>>,
    events: FileEvents,
  ) {
    this.#object = object
    this.#inspectFile = inspectFile
    this.#events = events
  }

  /** Inspects the file, if it is new, and attaches what it needs. Never rejects. */
  add(candidate: Candidate): Promise<void> {
    const known = this.#files.has(candidate.key)
    const file = this.#files.get(candidate.key)
    this.#files.delete(candidate.key)
    this.#files.set(candidate.key, file)
    if (!known) this.#queue = this.#queue.then(() => this.#inspect(candidate))
    return this.#queue
  }

  /**
   * A process of this executable crashed; '': it did not. If its probes are that new, they are taken out and do not come back. Those in
   * libraries stay: they serve others.
   */
  withdraw(exePath: string, crash: string): void {
    if (crash === '') return
    for (const [key, file] of this.#files) {
      if (file === undefined || file.name !== exePath || file.links.length === 0) continue
      if (performance.now() - file.attachedMs > SUSPECT_MS) continue
      this.#takeOut(key, `${crash} ended it within ${SUSPECT_MS / 1000} s of its first probe`)
      this.#events.withdrawn(exePath, this.#files.get(key)?.unread ?? '')
    }
  }

  /** Takes the probes out of these files, and they do not come back. Returns the names of those that had some. */
  takeOut(keys: readonly string[], why: string): readonly string[] {
    return keys.flatMap((key) => this.#takeOut(key, why) ?? [])
  }

  #takeOut(key: string, why: string): string | undefined {
    const file = this.#files.get(key)
    if (file === undefined || file.links.length === 0) return undefined
    for (const link of file.links) this.#object.detach(link)
    const unread = `not probed any more: ${why}`
    this.#files.set(key, { ...file, probes: [], links: [], unread })
    return file.name
  }

  /** Files with probes in them. */
  *attached(): Generator<ProbedFile<P>> {
    for (const file of this.#files.values()) {
      if (file !== undefined && file.links.length > 0) yield file
    }
  }

  /** What became of each file that holds what the source looks for, by the file's key. */
  found(): ReadonlyMap<string, ProbedFile<P>> {
    const found = [...this.#files].flatMap(([key, file]) =>
      file !== undefined && (file.links.length > 0 || file.unread !== '')
        ? [[key, file] as const]
        : [],
    )
    return new Map(found)
  }

  /** Nothing is attached from now on. The links are the object's, and go with it. */
  close(): void {
    this.#closed = true
  }

  async #inspect(candidate: Candidate): Promise<void> {
    try {
      await this.#probe(candidate).catch((error: unknown) => {
        const left = isGone(error) ? leftBehind(candidate) : undefined
        if (left === undefined) throw error
        return this.#probe(left)
      })
    } catch (error) {
      // The next process that maps the file may have more luck.
      if (isGone(error)) this.#forget(candidate)
      else if (!isForeign(error) && !this.#closed) this.#events.failed(candidate, error)
    }
    this.#trim()
  }

  async #probe(candidate: Candidate): Promise<void> {
    const harm = harmOf(candidate.name)
    const found = harm === '' ? await this.#inspectFile(candidate.path) : NOTHING
    const { probes, costly, unread = harm } = found
    if (this.#closed || !this.#files.has(candidate.key)) return
    const links = this.#attach(candidate.path, probes)
    const attachedMs = performance.now()
    this.#files.set(candidate.key, { name: candidate.name, probes, links, unread, attachedMs })
    if (costly !== undefined) this.#events.costly(candidate, costly)
    if (links.length > 0) this.#tellLate(candidate)
  }

  #forget(candidate: Candidate): void {
    this.#files.delete(candidate.key)
    this.#tellLate(candidate)
  }

  #tellLate({ tgid }: Candidate): void {
    if (tgid !== undefined && !existsSync(`/proc/${tgid}/exe`)) this.#events.late(tgid)
  }

  /** All or none: half of a pair of probes says nothing. */
  #attach(path: string, probes: readonly P[]): number[] {
    const links: number[] = []
    try {
      for (const { program, offset, retprobe } of probes) {
        links.push(this.#object.attachUprobe(program, path, offset, { retprobe }))
      }
    } catch (error) {
      for (const link of links) this.#object.detach(link)
      throw error
    }
    return links
  }

  #trim(): void {
    for (const file of dropOldest(this.#files, FILES_MAX)) {
      for (const link of file?.links ?? []) this.#object.detach(link)
    }
  }
}

/** The same file by its name, now that the process through which it was reached has ended. */
function leftBehind({ key, name, tgid = 0 }: Candidate): Candidate | undefined {
  const found = fileCandidate(name, name)
  return found?.key === key ? { ...found, tgid } : undefined
}

/** The process, or the file, was no more when it was looked at. */
const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')

const isForeign = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOEXEC'
