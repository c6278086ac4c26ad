import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../../pipeline/message_of.ts'
import { dropOldest } from './oldest.ts'

/** Grows when what is found in a file of the same bytes is to be found anew. */
const FORMAT = 2
const FILES_MAX = 1024
const MEMORY_MAX = 64
const FINDING_MAX = 256 << 10 // bytes
const ID = /^[\da-f]{8,128}$/

export interface FindingsEvents {
  corrupt(path: string): void
  /** Said once: what is found is not kept from then on. */
  unusable(cause: string): void
}

/** What was found in builds of programs and libraries, by build id: in memory, and on disk for the next start. */
export interface Findings {
  /** `id` is hexadecimal; of any other nothing is kept. `find` is asked if nothing is known. */
  of<Found>(kind: string, id: string, find: () => Promise<Found>): Promise<Found>
}

/** Keeps nothing. */
export const NO_FINDINGS: Findings = { of: (_kind, _id, find) => find() }

/**
 * A file for each finding, in a folder that nobody else may write to: what stands there says where programs get probes. A
 * sum tells a damaged one, `version` (weir's) one of another release; both are thrown away. The one used longest ago goes first. A folder
 * that cannot be used, as below a read-only root, costs the next start some time and nothing else.
 */
export class DiskFindings implements Findings {
  readonly #folder: string
  readonly #version: string
  readonly #events: FindingsEvents
  readonly #memory = new Map<string, unknown>()
  #usable: boolean | undefined
  #files = 0

  constructor(folder: string, version: string, events: FindingsEvents) {
    this.#folder = folder
    this.#version = `${FORMAT}/${version}`
    this.#events = events
  }

  async of<Found>(kind: string, id: string, find: () => Promise<Found>): Promise<Found> {
    if (!ID.test(id)) return find()
    const name = `${kind}-${id}`
    if (this.#memory.has(name)) return this.#memory.get(name) as Found
    const kept = this.#read(name) as { readonly found: Found } | undefined
    const found = kept === undefined ? await find() : kept.found
    if (kept === undefined) this.#write(name, found)
    this.#memory.set(name, found)
    dropOldest(this.#memory, MEMORY_MAX)
    return found
  }

  #read(name: string): { readonly found: unknown } | undefined {
    if (!this.#canUse()) return undefined
    const path = join(this.#folder, name)
    const text = readOwn(path)
    if (text === undefined) return undefined
    const kept = parse(text)
    const isOurs = kept?.version === this.#version
    if (kept === undefined) this.#events.corrupt(path)
    try {
      if (isOurs) markUsed(path)
      else this.#remove(path)
    } catch (error) {
      this.#giveUp(error)
    }
    return isOurs ? { found: JSON.parse(kept.body) as unknown } : undefined
  }

  #remove(path: string): void {
    rmSync(path, { force: true })
    this.#files--
  }

  #write(name: string, found: unknown): void {
    if (!this.#canUse()) return
    const body = JSON.stringify(found)
    if (body.length > FINDING_MAX) return
    const path = join(this.#folder, name)
    try {
      if (++this.#files > FILES_MAX) this.#prune()
      writeFileSync(`${path}.new`, `${this.#version} ${sumOf(body)}\n${body}`, { mode: 0o600 })
      renameSync(`${path}.new`, path)
    } catch (error) {
      this.#giveUp(error)
    }
  }

  #canUse(): boolean {
    if (this.#usable !== undefined) return this.#usable
    this.#usable = true
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      const { uid, mode } = lstatSync(this.#folder)
      if (uid !== process.geteuid?.()) throw new Error(`it belongs to user ${uid}`)
      if ((mode & 0o022) !== 0) throw new Error('others may write to it')
      this.#files = readdirSync(this.#folder).length
    } catch (error) {
      this.#giveUp(error)
    }
    return this.#usable
  }

  #giveUp(error: unknown): void {
    this.#usable = false
    const cause = messageOf(error)
    this.#events.unusable(`${this.#folder}: ${cause}`)
  }

  /** Down to three quarters, so that not every new finding asks for all ages. */
  #prune(): void {
    const files = readdirSync(this.#folder).map((name) => {
      const path = join(this.#folder, name)
      return { path, usedMs: statSync(path).mtimeMs }
    })
    files.sort((a, b) => a.usedMs - b.usedMs)
    const old = files.slice(0, Math.max(files.length - 0.75 * FILES_MAX, 0))
    for (const { path } of old) rmSync(path, { force: true })
    this.#files = files.length - old.length + 1
  }
}

function markUsed(path: string): void {
  const now = Date.now() / 1000
  utimesSync(path, now, now)
}

const sumOf = (body: string) => createHash('sha256').update(body).digest('hex')

/** Undefined unless the sum is right. */
function parse(text: string): { readonly version: string; readonly body: string } | undefined {
  const end = text.indexOf('\n')
  const [version = '', sum] = text.slice(0, Math.max(end, 0)).split(' ')
  const body = text.slice(end + 1)
  return end > 0 && sum === sumOf(body) ? { version, body } : undefined
}

/** The text of a file that is no link; '' of one that is too large. */
function readOwn(path: string): string | undefined {
  let fd = -1
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    return fstatSync(fd).size > 2 * FINDING_MAX ? '' : readFileSync(fd, 'utf8')
  } catch {
    return undefined
  } finally {
    if (fd >= 0) closeSync(fd)
  }
}

/** Where weir keeps what it wants to find again at its next start; systemd names the place. */
export const stateFolder = (): string =>
  process.env['STATE_DIRECTORY']?.split(':')[0] || '/var/lib/weir'

/**
 * A build as a key of findings. The owner and the size are in it, too: a file that another user made under the same id never speaks for
 * root's. '' without a build id.
 */
export function buildKey(path: string, buildId: string): string {
  if (buildId === '') return ''
  const { size, uid } = statSync(path)
  const hex = (n: number, digits: number) => n.toString(16).padStart(digits, '0')
  return `${buildId}${hex(size, 12)}${hex(uid, 8)}`
}
