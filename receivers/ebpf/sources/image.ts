/** Gives bytes of the file, fewer at its end. */
export type ReadFile = (offset: number, bytes: number) => Buffer

interface Place {
  readonly offset: number
  readonly bytes: number
}

interface Segment {
  readonly offset: number
  readonly address: number
  readonly bytes: number
}

const HEADER_BYTES = 64
const SEGMENT_BYTES = 56
const SEGMENTS_MAX = 64
const PT_LOAD = 1
const PT_DYNAMIC = 2
const DYNAMIC_MAX = 8 << 10 // bytes
const DT_RELA = 7
const DT_RELASZ = 8
const RELA_BYTES = 24
const RELOCATIONS_MAX = 256 << 20 // bytes; libssl has 100 KiB, a program of Go a fourteenth of its size
const WINDOW_BYTES = 2730 * RELA_BYTES // read at once: 64 KiB
const R_X86_64_RELATIVE = 8

/**
 * Memory as the dynamic linker will lay it out from a 64-bit little-endian ELF file, addresses as the file names them. Every
 * number in the file is hostile: what does not fit is not there.
 * Source: https://gabi.xinuos.com/ (program headers, dynamic section), https://gitlab.com/x86-psABIs/x86-64-ABI (relocations)
 */
export class Image {
  readonly #read: ReadFile
  readonly #loaded: readonly Segment[]
  readonly #dynamic: Segment | undefined
  #relocations: Place | undefined

  constructor(read: ReadFile) {
    this.#read = read
    const segments = readSegments(read)
    this.#loaded = segments.get(PT_LOAD) ?? []
    this.#dynamic = segments.get(PT_DYNAMIC)?.[0]
  }

  /** Where the byte at the address lies in the file. */
  offsetOf(address: number): number | undefined {
    const segment = this.#loaded.find((one) => one.address <= address && address < endOf(one))
    return segment && segment.offset + address - segment.address
  }

  /** At most this many bytes of memory, none where nothing is loaded. */
  bytesAt(address: number, bytes: number): Buffer {
    const offset = this.offsetOf(address)
    return offset === undefined ? Buffer.alloc(0) : this.#read(offset, bytes)
  }

  /** The pointer that lies at the address, whether the file holds it or the dynamic linker writes it. */
  pointerAt(address: number): number | undefined {
    const bytes = this.bytesAt(address, 8)
    if (bytes.length < 8) return undefined
    return Number(bytes.readBigUInt64LE(0)) || this.#relocated(address)
  }

  /** The address at which a byte of the file is loaded. */
  addressOf(offset: number): number | undefined {
    const segment = this.#loaded.find((one) => one.offset <= offset && offset < endInFile(one))
    return segment && segment.address + offset - segment.offset
  }

  #relocated(address: number): number | undefined {
    this.#relocations ??= this.#findRelocations()
    const { offset, bytes } = this.#relocations
    const low = address % 2 ** 32
    for (let from = 0; from < bytes; from += WINDOW_BYTES) {
      const table = this.#read(offset + from, Math.min(WINDOW_BYTES, bytes - from))
      if (table.length === 0) break
      for (let at = 0; at + RELA_BYTES <= table.length; at += RELA_BYTES) {
        if (table.readUInt32LE(at) !== low || table.readUInt32LE(at + 8) !== R_X86_64_RELATIVE)
          continue
        if (Number(table.readBigUInt64LE(at)) === address)
          return Number(table.readBigInt64LE(at + 16))
      }
    }
    return undefined
  }

  #findRelocations(): Place {
    const { offset = 0, bytes = 0 } = this.#dynamic ?? {}
    const dynamic = this.#read(offset, Math.min(bytes, DYNAMIC_MAX))
    const found = new Map<number, number>()
    for (let at = 0; at + 16 <= dynamic.length; at += 16) {
      found.set(Number(dynamic.readBigInt64LE(at)), Number(dynamic.readBigUInt64LE(at + 8)))
    }
    const start = this.offsetOf(found.get(DT_RELA) ?? 0)
    const size = start === undefined ? 0 : (found.get(DT_RELASZ) ?? 0)
    return { offset: start ?? 0, bytes: Math.min(size, RELOCATIONS_MAX) }
  }
}

const endInFile = ({ offset, bytes }: Segment): number => offset + bytes
const endOf = ({ address, bytes }: Segment): number => address + bytes

function readSegments(read: ReadFile): Map<number, Segment[]> {
  const found = new Map<number, Segment[]>()
  const header = read(0, HEADER_BYTES)
  if (header.length < HEADER_BYTES) return found
  const count = Math.min(header.readUInt16LE(56), SEGMENTS_MAX)
  const table = read(Number(header.readBigUInt64LE(32)), count * SEGMENT_BYTES)
  for (let at = 0; at + SEGMENT_BYTES <= table.length; at += SEGMENT_BYTES) {
    const type = table.readUInt32LE(at)
    const segment = {
      offset: Number(table.readBigUInt64LE(at + 8)),
      address: Number(table.readBigUInt64LE(at + 16)),
      bytes: Number(table.readBigUInt64LE(at + 32)),
    }
    found.set(type, [...(found.get(type) ?? []), segment])
  }
  return found
}
