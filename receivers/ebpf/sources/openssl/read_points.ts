import {
  findWorks,
  Held,
  Register,
  type Registers,
  registersWith,
  type Work,
} from '../../../../native/code_flow.ts'
import type { ElfSymbol } from '../../../../native/elf.ts'
import type { Image } from '../image.ts'

/** What is asked of an `Image`. */
export type Memory = Pick<Image, 'bytesAt' | 'pointerAt'>

/** A probe behind the reading itself: `eax` above 0 means success, and registers, by number, still hold all the rest. */
export interface ReadPoint {
  readonly address: number
  readonly object: number
  readonly buffer: number
  /** Holds the address of the count of bytes. */
  readonly count: number
  /** How many bytes were asked for. */
  readonly length?: number
  /** Not 0 in a call that only looks at the bytes; absent where no such call comes. */
  readonly peek?: number
}

/** Registers that outlive calls: rbx, rbp, r12 to r15. bpf/openssl reads no other. */
const KEPT = [3, 5, 12, 13, 14, 15]

const CODE_BYTES = 1024
const HOPS_MAX = 4

/** rdi, rsi, rdx and rcx of SSL_read_ex, and of the function behind it in struct ssl_method_st. */
const ARGUMENTS = registersWith({
  [Register.RDI]: Held.OBJECT,
  [Register.RSI]: Held.BUFFER,
  [Register.RDX]: Held.LENGTH,
  [Register.RCX]: Held.COUNT_POINTER,
})

/**
 * Where a copy of OpenSSL has read data for its caller, whichever function that called. SSL_read, SSL_read_ex and their kin
 * all go through one entry of the method's table; the function there calls another one that does the work, and then
 * compares its result: a jump, at which the registers that outlive calls hold everything. Undefined unless all of that
 * is proved. Source: ssl3_read_internal of ssl/s3_lib.c, OpenSSL 1.1.1 to 3.5.
 */
export function findReadPoints(
  image: Memory,
  symbols: ReadonlyMap<string, ElfSymbol>,
): ReadPoint[] | undefined {
  const read = symbols.get('SSL_read_ex')
  const table = returnedAddress(image, symbols.get('TLS_method'))
  if (read === undefined || table === undefined) return undefined
  const entry = tableEntry(image, read.address)
  if (entry === undefined) return undefined
  const readers = findReaders(image, image.pointerAt(table + entry))
  // The next entry is SSL_peek's, which may lead to the same code.
  const peekers = findReaders(image, image.pointerAt(table + entry + 8))
  if (readers === undefined || peekers === undefined) return undefined
  const points = readers.map((reader, index) => toPoint(reader, peekers, index > 0))
  return points.every((point) => point !== undefined) ? points : undefined
}

/** `lea rax, [rip + n]` or `mov eax, n`, behind which the function returns; a frame pointer may come and go. */
const RETURNS_ADDRESS =
  /^(?:f30f1efa)?(?:554889e5)?(?:488d05(?<ahead>.{8})|b8(?<fixed>.{8}))(?:4889e5)?(?:5d)?c3/

/** The address that a function does nothing but return: of a table, as TLS_method's. */
export function returnedAddress(image: Memory, symbol: ElfSymbol | undefined): number | undefined {
  if (symbol === undefined) return undefined
  const found = RETURNS_ADDRESS.exec(image.bytesAt(symbol.address, 24).toString('hex'))
  const { ahead, fixed } = found?.groups ?? {}
  if (found === null || (ahead === undefined && fixed === undefined)) return undefined
  if (fixed !== undefined) return Buffer.from(fixed, 'hex').readUInt32LE(0)
  const next = found[0].indexOf(`488d05${ahead}`) / 2 + 7
  return symbol.address + next + Buffer.from(ahead ?? '', 'hex').readInt32LE(0)
}

const only = <T>(values: readonly T[]): T | undefined => {
  const different = [...new Set(values)]
  return different.length === 1 ? different[0] : undefined
}

/** The displacement of the table entry that the arguments of SSL_read_ex are handed to. */
function tableEntry(image: Memory, start: number): number | undefined {
  let address: number | undefined = start
  for (let hop = 0; hop < HOPS_MAX && address !== undefined; hop++) {
    const { works, complete } = findWorks(image.bytesAt(address, CODE_BYTES), ARGUMENTS)
    if (!complete) return undefined
    const passing = works.filter(({ held }) => held[Register.RSI] === Held.BUFFER)
    const through = passing.filter(({ displacement }) => displacement !== undefined)
    if (through.length > 0) return only(through.map(({ displacement }) => displacement))
    const whole = passing.filter(({ held }) => held[Register.RCX] === Held.COUNT_POINTER)
    const target = only(whole.map((work) => work.target))
    address = target === undefined ? undefined : address + target
  }
  return undefined
}

interface Reader {
  readonly address: number
  readonly held: Registers
}

/** The results of `ssl_read_bytes(object, type, 0, buffer, length, peek, count)` that a function leads to. */
function findReaders(image: Memory, start: number | undefined): Reader[] | undefined {
  let address = start
  let held: Registers = ARGUMENTS
  for (let hop = 0; hop < HOPS_MAX && address !== undefined; hop++) {
    const from: number = address
    const { works, complete } = findWorks(image.bytesAt(from, CODE_BYTES), held)
    if (!complete) return undefined
    const readers = works.filter(readsBytes)
    if (readers.length > 0) return toReaders(from, readers)
    const jumps = works.filter(({ result, target }) => result === undefined && target !== undefined)
    const jump = jumps.length === 1 ? jumps[0] : undefined
    held = jump?.held ?? held
    address = jump?.target === undefined ? undefined : from + jump.target
  }
  return undefined
}

const readsBytes = ({ held, displacement }: Work): boolean =>
  displacement !== undefined && held[Register.RCX] === Held.BUFFER

function toReaders(start: number, works: readonly Work[]): Reader[] | undefined {
  const readers = works.flatMap(({ result }) =>
    result === undefined ? [] : [{ address: start + result.offset, held: result.held }],
  )
  return readers.length === works.length ? readers : undefined
}

/** `later`: reached only when a renegotiation came in between. Nobody peeks there, so it may be left open. */
function toPoint(
  { address, held }: Reader,
  peekers: readonly Reader[],
  later: boolean,
): ReadPoint | undefined {
  const register = (what: Held) => KEPT.find((one) => held[one] === what)
  const [object, buffer, count, length] = [
    register(Held.OBJECT),
    register(Held.BUFFER),
    register(Held.COUNT_POINTER),
    register(Held.LENGTH),
  ]
  if (object === undefined || buffer === undefined || count === undefined) return undefined
  const point = { address, object, buffer, count, ...(length !== undefined && { length }) }
  const shared = peekers.find((one) => one.address === address)
  if (shared === undefined) return point
  const peek = KEPT.find((r) => held[r] === Held.ZERO && shared.held[r] === Held.ONE)
  if (peek !== undefined) return { ...point, peek }
  return later ? point : undefined
}
