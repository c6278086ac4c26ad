import { createHash } from 'node:crypto'
import { planGoCall } from '../../../../native/go_code.ts'
import type { ProbePoint } from '../../../../native/probe_points.ts'
import { readSections } from '../../discovery/elf_sections.ts'
import { type GoBuild, parseGoBuild } from '../../discovery/go_build.ts'
import { Image, type ReadFile } from '../image.ts'
import type { Inspection, Place } from '../probed_files.ts'
import { findGoFunctions, type GoFunction } from './pclntab.ts'

/** Newest minor version of Go 1 whose code and structures were looked at. A newer one is read if its code proves to be alike. */
const NEWEST_KNOWN = 26

const CONN = 'crypto/tls.(*Conn).'
const READ = `${CONN}Read`
const WRITE = `${CONN}Write`
const CLOSE = `${CONN}Close`

const BUILD_INFO_MAX = 256 << 10 // bytes
const CODE_MAX = 16 << 10 // bytes; Write has 2 KiB
const NOTE_MAX = 4 << 10 // bytes; an id has 83

/** Tells builds of Go apart, in hexadecimal; '' for any other file. */
export function goBuildId(read: ReadFile): string {
  const note = readSections(read).get('.note.go.buildid')
  if (note === undefined) return ''
  return createHash('sha1')
    .update(read(note.offset, Math.min(note.bytes, NOTE_MAX)))
    .digest('hex')
}

/** Where the TLS of an executable is probed, if it is of Go, or why it cannot be read. */
export async function planGo(read: ReadFile): Promise<Inspection<Place>> {
  const sections = readSections(read)
  const info = sections.get('.go.buildinfo')
  const build = info && parseGoBuild(read(info.offset, Math.min(info.bytes, BUILD_INFO_MAX)))
  if (build === undefined) return { probes: [] }
  if (process.arch !== 'x64') return unread(build, `${process.arch} is not disassembled`)
  const image = new Image(read)
  const functions = await findGoFunctions(image, read, sections, [READ, WRITE, CLOSE])
  if (functions === undefined) return unread(build, 'its table of functions is none that is known')
  const [reads, writes, closes] = [READ, WRITE, CLOSE].map((name) => functions.get(name))
  if (reads === undefined && writes === undefined) return { probes: [] }
  const probes = [
    ...(reads === undefined ? [] : atReturns(image, reads)),
    ...(writes === undefined ? [] : atBeginning(image, writes, 'go_write')),
    ...(closes === undefined ? [] : atBeginning(image, closes, 'go_close')),
  ]
  const programs = new Set(probes.map(({ program }) => program))
  if (programs.size === 3) return { probes }
  return unread(build, 'no place is proved where its calls can be read')
}

function unread({ version }: GoBuild, why: string): Inspection<Place> {
  const minor = Number(/^1\.(\d+)/.exec(version)?.[1] ?? 0)
  const known = minor <= NEWEST_KNOWN
  return { probes: [], unread: known ? why : `Go 1.${minor} is not in the table: ${why}` }
}

const codeOf = (image: Image, { address, bytes }: GoFunction): Buffer =>
  bytes <= CODE_MAX ? image.bytesAt(address, bytes) : Buffer.alloc(0)

function placesIn(
  image: Image,
  { address }: GoFunction,
  program: string,
  points: readonly ProbePoint[],
): Place[] {
  const start = image.offsetOf(address)
  if (start === undefined) return []
  return points.map(({ offset, emulated }) => ({
    program,
    offset: start + offset,
    retprobe: false,
    emulated,
  }))
}

function atReturns(image: Image, function_: GoFunction): Place[] {
  const { returns, keepsArguments } = planGoCall(codeOf(image, function_))
  return keepsArguments ? placesIn(image, function_, 'go_read_done', returns) : []
}

function atBeginning(image: Image, function_: GoFunction, program: string): Place[] {
  const { begin } = planGoCall(codeOf(image, function_))
  return begin === undefined ? [] : placesIn(image, function_, program, [begin])
}
