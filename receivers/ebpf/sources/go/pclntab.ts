import { setImmediate } from 'node:timers/promises'
import type { ElfSection } from '../../discovery/elf_sections.ts'
import type { Image, ReadFile } from '../image.ts'
import { Window } from './window.ts'

/** A function of a Go program. */
export interface GoFunction {
  readonly address: number
  /** Up to the next function: there may be padding at its end. */
  readonly bytes: number
}

/** Of what the table's header and its entries are made, by its first four bytes. */
interface Layout {
  /** Of an entry of the table of functions: where one begins, and where more of it is told. */
  readonly entryBytes: number
  /** Where what is told of a function has its name. */
  readonly nameAt: number
  /** Words of the header, counted from behind its first eight bytes. */
  readonly names: number
  readonly functions: number
  /** Functions count from there; absent: their addresses are told. */
  readonly textStart?: number
}

const FUNCTIONS_COUNT = 0 // words of the header
const FROM_TEXT: Layout = { entryBytes: 8, nameAt: 4, names: 3, functions: 7, textStart: 2 }

/** Source: https://github.com/golang/go/blob/go1.26.0/src/debug/gosym/pclntab.go */
const LAYOUTS: Readonly<Record<number, Layout>> = {
  4294967290: { entryBytes: 16, nameAt: 8, names: 2, functions: 6 }, // 1.16
  4294967280: FROM_TEXT, // 1.18
  4294967281: FROM_TEXT, // 1.20
}

const HEADER_BYTES = 8
const WORD_BYTES = 8
const POINTER_BYTES = 8 // x86-64's, as the header says
const FUNCTIONS_MAX = 1 << 22
const NAMES_MAX = 512 << 20 // bytes
const CHUNK_BYTES = 64 << 10
/** Functions that are looked at before others have their turn. */
const TURN = 1 << 14

/** Sections that are the table, and, of what a C linker has put together, one with the table somewhere in it. */
const OWN_SECTIONS = ['.gopclntab', '.data.rel.ro.gopclntab']
const SHARED_SECTIONS = ['.data.rel.ro']
const SHARED_ALIGNMENT = 32

/** `text` of runtime.moduledata, behind pcHeader, six slices, findfunctab, minpc and maxpc. */
const MODULE_TEXT = 8 + 6 * 24 + 3 * 8

interface Table {
  readonly offset: number
  readonly layout: Layout
}

type Sections = ReadonlyMap<string, ElfSection>

/**
 * Finds functions by their names in the table by which Go's runtime knows them, which -s and -w leave in. The table streams by,
 * whatever its size. Undefined when there is none that we know; a name that is not in it is missing.
 */
export async function findGoFunctions(
  image: Image,
  read: ReadFile,
  sections: Sections,
  names: readonly string[],
): Promise<ReadonlyMap<string, GoFunction> | undefined> {
  const table = findTable(read, sections)
  if (table === undefined) return undefined
  const offsets = await findNames(read, table, names)
  if (offsets.size === 0) return new Map()
  return findByName(read, table, offsets, addressesOf(image, sections, table, new Window(read)))
}

function findTable(read: ReadFile, sections: Sections): Table | undefined {
  for (const name of OWN_SECTIONS) {
    const section = sections.get(name)
    const layout = section && layoutAt(read(section.offset, HEADER_BYTES), 0)
    if (section !== undefined && layout !== undefined) return { offset: section.offset, layout }
  }
  for (const name of SHARED_SECTIONS) {
    const section = sections.get(name)
    const found = section && findWithin(read, section.offset, section.bytes)
    if (found !== undefined) return found
  }
  return undefined
}

/** Two bytes that are 0, the size of an instruction and that of a pointer follow the magic number. */
function layoutAt(bytes: Buffer, at: number): Layout | undefined {
  if (bytes.length < at + HEADER_BYTES || bytes.readUInt16LE(at + 4) !== 0) return undefined
  return bytes[at + 6] === 1 && bytes[at + 7] === POINTER_BYTES
    ? LAYOUTS[bytes.readUInt32LE(at)]
    : undefined
}

function findWithin(read: ReadFile, offset: number, bytes: number): Table | undefined {
  for (let from = 0; from < bytes; from += CHUNK_BYTES) {
    const chunk = read(offset + from, Math.min(CHUNK_BYTES, bytes - from))
    if (chunk.length === 0) return undefined
    for (let at = 0; at < chunk.length; at += SHARED_ALIGNMENT) {
      const layout = layoutAt(chunk, at)
      if (layout !== undefined) return { offset: offset + from + at, layout }
    }
  }
  return undefined
}

const wordOf = (window: Window, table: Table, word: number): number =>
  window.uint64(table.offset + HEADER_BYTES + word * WORD_BYTES)

/** Where names lie among the names, by that. */
async function findNames(
  read: ReadFile,
  table: Table,
  names: readonly string[],
): Promise<Map<number, string>> {
  const window = new Window(read)
  const start = wordOf(window, table, table.layout.names)
  const bytes = Math.min(wordOf(window, table, table.layout.names + 1) - start, NAMES_MAX)
  const wanted = names.map((name) => [name, Buffer.from(`\0${name}\0`, 'latin1')] as const)
  const overlap = Math.max(...wanted.map(([, text]) => text.length))
  const found = new Map<number, string>()
  // One byte in front: a name begins behind the end of another.
  for (let from = -1; from < bytes && found.size < names.length; from += CHUNK_BYTES) {
    const chunk = read(table.offset + start + from, CHUNK_BYTES + overlap)
    if (chunk.length === 0) break
    for (const [name, text] of wanted) {
      const at = chunk.indexOf(text)
      if (at >= 0) found.set(from + at + 1, name)
    }
    await setImmediate()
  }
  return found
}

/** `addressAt`: of a function by the place of its entry in the file. */
async function findByName(
  read: ReadFile,
  table: Table,
  names: ReadonlyMap<number, string>,
  addressAt: (entry: number) => number | undefined,
): Promise<Map<string, GoFunction>> {
  const { entryBytes, nameAt, functions } = table.layout
  const entries = new Window(read)
  const described = new Window(read)
  const count = Math.min(wordOf(entries, table, FUNCTIONS_COUNT), FUNCTIONS_MAX)
  const start = table.offset + wordOf(entries, table, functions)
  const found = new Map<string, GoFunction>()
  for (let index = 0; index < count && found.size < names.size; index++) {
    const at = start + index * entryBytes
    const more = start + entries.uint32(at + entryBytes / 2) // its upper half, if any, is 0
    const name = names.get(described.uint32(more + nameAt))
    const address = name && addressAt(at)
    const next = name && addressAt(at + entryBytes)
    if (name && address && next && next > address) {
      found.set(name, { address, bytes: next - address })
    }
    if (index % TURN === TURN - 1) await setImmediate()
  }
  return found
}

function addressesOf(
  image: Image,
  sections: Sections,
  table: Table,
  entries: Window,
): (entry: number) => number | undefined {
  const pointerIn = (offset: number): number | undefined => {
    const address = image.addressOf(offset)
    return address && image.pointerAt(address)
  }
  const { textStart } = table.layout
  if (textStart === undefined) return pointerIn
  // Since 1.26 only the runtime's own description of the module tells where its functions begin.
  const module = sections.get('.go.module')
  const text =
    pointerIn(table.offset + HEADER_BYTES + textStart * WORD_BYTES) ??
    (module && pointerIn(module.offset + MODULE_TEXT))
  return (entry) => text && text + entries.uint32(entry)
}
