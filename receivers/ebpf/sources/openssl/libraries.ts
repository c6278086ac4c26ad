import { closeSync, openSync, readSync } from 'node:fs'
import type { BpfObject } from '../../../../native/bpf_object.ts'
import { findElfSymbols, readElfInfo } from '../../../../native/elf.ts'
import type { Candidate } from './candidates.ts'
import type { ReadFile } from './image.ts'
import { describeCost, type Probe, type ProbePlan, planFile, SSL_FUNCTIONS } from './probes.ts'
import { ReadRegistersTable } from './read_registers.ts'

/** What became of a file. */
export interface Library {
  readonly name: string
  /** Empty: the file holds no OpenSSL. */
  readonly probes: readonly Probe[]
  readonly links: readonly number[]
}

export interface LibraryEvents {
  failed(candidate: Candidate, error: unknown): void
  /** A library is probed the costly way: where, and why. */
  costly(candidate: Candidate, how: string): void
}

const PLANS_MAX = 64 // build ids
const FILES_MAX = 1024 // inodes, of which few are OpenSSL

/**
 * The files that were inspected, and the probes in them. Each file is inspected once, one at a time; a build that was seen
 * before, in another file, is not disassembled again. The file used longest ago gives its place, and its probes, away.
 */
export class Libraries {
  readonly #object: BpfObject
  readonly #files = new Map<string, Library | undefined>()
  readonly #plans = new Map<string, ProbePlan>()
  readonly #readRegisters: ReadRegistersTable
  readonly #events: LibraryEvents
  #queue: Promise<void> = Promise.resolve()
  #closed = false

  constructor(object: BpfObject, events: LibraryEvents) {
    this.#object = object
    this.#readRegisters = new ReadRegistersTable(object.map('read_points'))
    this.#events = events
  }

  /** Inspects the file, if it is new, and attaches what it needs. Never rejects. */
  add(candidate: Candidate): Promise<void> {
    const known = this.#files.has(candidate.key)
    const library = this.#files.get(candidate.key)
    this.#files.delete(candidate.key)
    this.#files.set(candidate.key, library)
    if (!known) this.#queue = this.#queue.then(() => this.#inspect(candidate))
    return this.#queue
  }

  /** Files with OpenSSL in them. */
  *attached(): Generator<Library> {
    for (const library of this.#files.values()) {
      if (library !== undefined && library.links.length > 0) yield library
    }
  }

  /** Probes in each file that has any, by the file's key. */
  probes(): ReadonlyMap<string, number> {
    const found = [...this.#files].map(
      ([key, library]) => [key, library?.links.length ?? 0] as const,
    )
    return new Map(found.filter(([, probes]) => probes > 0))
  }

  /** Nothing is attached from now on. The links are the object's, and go with it. */
  close(): void {
    this.#closed = true
  }

  async #inspect(candidate: Candidate): Promise<void> {
    try {
      const plan = await this.#plan(candidate.path)
      if (this.#closed || !this.#files.has(candidate.key)) return
      const probes = this.#readRegisters.enter(plan.probes) ? plan.probes : plan.plain
      this.#files.set(candidate.key, {
        name: candidate.name,
        probes,
        links: this.#attach(candidate.path, probes),
      })
      const how = describeCost(plan, probes)
      if (how !== undefined) this.#events.costly(candidate, how)
    } catch (error) {
      // The next process that maps the file may have more luck.
      if (isGone(error)) this.#files.delete(candidate.key)
      else if (!isForeign(error) && !this.#closed) this.#events.failed(candidate, error)
    }
    this.#trim()
  }

  async #plan(path: string): Promise<ProbePlan> {
    const info = await readElfInfo(path)
    const known = this.#plans.get(info.buildId)
    if (known !== undefined) return known
    const symbols = await findElfSymbols(path, SSL_FUNCTIONS)
    const plan = readingFile(path, (read) => planFile(symbols, info.machine, read))
    if (info.buildId === '') return plan
    this.#plans.set(info.buildId, plan)
    dropOldest(this.#plans, PLANS_MAX)
    return plan
  }

  /** All or none: half of a pair of probes says nothing. */
  #attach(path: string, probes: readonly Probe[]): number[] {
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
    for (const library of dropOldest(this.#files, FILES_MAX)) {
      for (const link of library?.links ?? []) this.#object.detach(link)
    }
  }
}

/** The process, or the file, was no more when it was looked at. */
const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')

const isForeign = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOEXEC'

function dropOldest<Value>(map: Map<string, Value>, max: number): Value[] {
  const dropped: Value[] = []
  for (const [key, value] of map) {
    if (map.size <= max) break
    map.delete(key)
    dropped.push(value)
  }
  return dropped
}

function readingFile<Result>(path: string, use: (read: ReadFile) => Result): Result {
  const fd = openSync(path, 'r')
  try {
    return use((offset, bytes) => {
      const code = Buffer.alloc(bytes)
      return code.subarray(0, readSync(fd, code, 0, bytes, offset))
    })
  } finally {
    closeSync(fd)
  }
}
