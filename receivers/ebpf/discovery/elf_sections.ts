/** Where a section lies in its file. */
export interface ElfSection {
  readonly offset: number
  readonly bytes: number
}

const HEADER_BYTES = 64
const ENTRY_BYTES = 64
const SECTIONS_MAX = 256
const NAMES_MAX = 16 << 10 // bytes
const SHT_NOBITS = 8

/**
 * Sections of a 64-bit little-endian ELF file by name, none for any other file. Every number in the file is hostile.
 * Source: https://gabi.xinuos.com/elf/03-sheader.html
 */
export function readSections(
  read: (offset: number, bytes: number) => Buffer,
): ReadonlyMap<string, ElfSection> {
  const found = new Map<string, ElfSection>()
  const header = read(0, HEADER_BYTES)
  if (header.length < HEADER_BYTES || header.readUInt32BE(0) !== 0x7f454c46) return found
  if (header[4] !== 2 || header[5] !== 1 || header.readUInt16LE(58) !== ENTRY_BYTES) return found
  const count = Math.min(header.readUInt16LE(60), SECTIONS_MAX)
  const table = read(numberAt(header, 40), count * ENTRY_BYTES)
  const entries = Math.floor(table.length / ENTRY_BYTES)
  const strings = header.readUInt16LE(62)
  if (strings >= entries) return found
  const place = placeOf(table, strings)
  const names = read(place.offset, Math.min(place.bytes, NAMES_MAX))
  for (let i = 0; i < entries; i++) {
    const at = i * ENTRY_BYTES
    if (table.readUInt32LE(at + 4) === SHT_NOBITS) continue
    const from = table.readUInt32LE(at)
    const end = names.indexOf(0, from)
    if (end > from) found.set(names.toString('latin1', from, end), placeOf(table, i))
  }
  return found
}

const placeOf = (table: Buffer, index: number): ElfSection => ({
  offset: numberAt(table, index * ENTRY_BYTES + 24),
  bytes: numberAt(table, index * ENTRY_BYTES + 32),
})

/** Above any file's size the number stands for none. */
function numberAt(bytes: Buffer, at: number): number {
  const value = Number(bytes.readBigUInt64LE(at))
  return Number.isSafeInteger(value) ? value : 0
}
