import type { ElfMachine, ElfSymbol } from '../../../../native/elf.ts'
import {
  type CallPlan,
  type CountPointer,
  firstArgumentPoint,
  type ProbePoint,
  planCall,
} from '../../../../native/probe_points.ts'
import { Image, type ReadFile } from '../image.ts'
import { findBioWrite } from './bio_write.ts'
import { findReadPoints, type ReadPoint } from './read_points.ts'

/** Where a program of bpf/openssl is attached. */
export interface Probe {
  readonly program: string
  /** The function for whose calls it is there. */
  readonly symbol: string
  /** Of the instruction, bytes from the start of the file. */
  readonly offset: number
  readonly retprobe: boolean
  readonly emulated: boolean
  /** Numbers of the registers that the program is to read there. */
  readonly registers?: ReadRegisters
}

export type ReadRegisters = Omit<ReadPoint, 'address'>

/** What is known of a function, and the bytes of its code. */
interface Code {
  readonly symbol: ElfSymbol
  readonly bytes: Buffer
}

interface DataFunction {
  /** Of the program: `ssl_read` for arguments, with the count's register behind it. */
  readonly program: 'ssl_read' | 'ssl_write' | 'ssl_sendfile'
  readonly pointer: CountPointer
}

/** Source: https://docs.openssl.org/3.5/man3/SSL_read/, SSL_write/, SSL_read_early_data/ */
const DATA_FUNCTIONS: Readonly<Record<string, DataFunction>> = {
  SSL_read: { program: 'ssl_read', pointer: 'none' },
  SSL_read_ex: { program: 'ssl_read', pointer: 'rcx' },
  SSL_read_early_data: { program: 'ssl_read', pointer: 'rcx' },
  SSL_write: { program: 'ssl_write', pointer: 'none' },
  SSL_write_ex: { program: 'ssl_write', pointer: 'rcx' },
  SSL_write_ex2: { program: 'ssl_write', pointer: 'r8' },
  SSL_write_early_data: { program: 'ssl_write', pointer: 'rcx' },
  SSL_sendfile: { program: 'ssl_sendfile', pointer: 'none' },
  // Of GnuTLS, with the arguments and results of SSL_read and SSL_write.
  gnutls_record_recv: { program: 'ssl_read', pointer: 'none' },
  gnutls_record_send: { program: 'ssl_write', pointer: 'none' },
}

const ENDS: Readonly<Record<string, string>> = {
  SSL_shutdown: 'ssl_shutdown',
  SSL_free: 'ssl_free',
  gnutls_deinit: 'ssl_free',
}

/** Functions that are looked for in a library. */
export const SSL_FUNCTIONS: readonly string[] = [
  ...Object.keys(DATA_FUNCTIONS),
  ...Object.keys(ENDS),
  'TLS_method',
  'BIO_f_ssl',
]

/** Programs that bpf/openssl has for arguments; a plan that asks for another is not followed. */
const ARGUMENT_PROGRAMS = new Set([
  'ssl_read',
  'ssl_read_rcx',
  'ssl_write',
  'ssl_write_rcx',
  'ssl_write_r8',
  'ssl_sendfile',
])

const CODE_MAX = 16 << 10 // bytes; SSL_read has 100 to 500

/** Where a file is to be probed. */
export interface ProbePlan {
  readonly probes: readonly Probe[]
  /** The same without probes that need `registers`. */
  readonly plain: readonly Probe[]
  readonly machine: ElfMachine
}

/** `read` gives the bytes of the file. */
export function planFile(
  symbols: readonly ElfSymbol[],
  machine: ElfMachine,
  read: ReadFile,
): ProbePlan {
  const plain = planProbes(symbols, machine, read)
  if (machine !== 'x86-64') return { probes: plain, plain, machine }
  const image = new Image(read)
  const points = planReads(symbols, image)
  if (points.length === 0) return { probes: plain, plain, machine }
  const functions = symbols.filter(({ name }) => DATA_FUNCTIONS[name]?.program === 'ssl_read')
  const isRead = ({ offset }: Probe) =>
    functions.some((one) => one.offset <= offset && offset < one.offset + one.size)
  const calls = plain.filter((probe) => !isRead(probe))
  // Where reading functions are probed one by one, what BIO_f_ssl reads is not seen: its writes would be half of it.
  return { probes: [...planBioWrite(symbols, image), ...calls, ...points], plain, machine }
}

/** What most programs call. Others that are probed the costly way are not worth a line of the log. */
const USUAL = new Set(['SSL_read', 'SSL_read_ex', 'SSL_write'])

/** Which of the usual functions are probed the costly way, and why; undefined if none is. */
export function describeCost({ machine }: ProbePlan, probes: readonly Probe[]): string | undefined {
  const functions = probes
    .filter(({ retprobe, symbol }) => retprobe && USUAL.has(symbol))
    .map(({ symbol }) => symbol)
  if (functions.length === 0) return undefined
  const why =
    machine === 'x86-64' ? 'no better place in them is proved' : `${machine} is not disassembled`
  return `at entry and return of ${functions.join(', ')}: ${why}`
}

function planBioWrite(symbols: readonly ElfSymbol[], image: Image): Probe[] {
  const found = findBioWrite(image, functionsOf(symbols))
  if (found === undefined) return []
  const at = (program: string, address: number): Probe[] => {
    const offset = image.offsetOf(address)
    if (offset === undefined) return []
    return [{ program, symbol: 'BIO_f_ssl', offset, retprobe: false, emulated: true }]
  }
  const probes = [
    ...at('ssl_result', found.result),
    ...at(`ssl_write_${found.pointer}`, found.arguments),
  ]
  return probes.length === 2 ? probes : []
}

function planReads(symbols: readonly ElfSymbol[], image: Image): Probe[] {
  return (findReadPoints(image, functionsOf(symbols)) ?? []).flatMap(
    ({ address, ...registers }) => {
      const offset = image.offsetOf(address)
      if (offset === undefined) return []
      const place = { program: 'ssl_read_done', symbol: 'SSL_read_ex', offset }
      return [{ ...place, retprobe: false, emulated: true, registers }]
    },
  )
}

/**
 * The probes of one file, those of the results first: a call under way while they are attached must not be seen to
 * begin without being seen to end. `read` gives the bytes of the file.
 */
function planProbes(symbols: readonly ElfSymbol[], machine: ElfMachine, read: ReadFile): Probe[] {
  const functions = functionsOf(symbols)
  const probes = [...functions.values()].flatMap((symbol) => {
    const code: Code = { symbol, bytes: readCode(symbol, machine, read) }
    const data = DATA_FUNCTIONS[symbol.name]
    if (data === undefined) return planEnd(code)
    const plan = planCall(code.bytes, data.pointer)
    // 3.5's SSL_write_ex jumps to SSL_write_ex2, where its calls are seen.
    if (plan.tailCall && symbol.name === 'SSL_write_ex' && functions.has('SSL_write_ex2')) return []
    return planData(symbol, data, plan)
  })
  return probes.sort((a, b) => rank(a) - rank(b))
}

const functionsOf = (symbols: readonly ElfSymbol[]): ReadonlyMap<string, ElfSymbol> =>
  new Map(symbols.filter(isFunction).map((symbol) => [symbol.name, symbol]))

const isFunction = (symbol: ElfSymbol): boolean => symbol.type === 'func' && symbol.offset > 0

const readCode = (symbol: ElfSymbol, machine: ElfMachine, read: ReadFile): Buffer =>
  machine === 'x86-64' && symbol.size > 0 && symbol.size <= CODE_MAX
    ? read(symbol.offset, symbol.size)
    : Buffer.alloc(0)

const rank = (probe: Probe): number =>
  probe.program === 'ssl_result' || probe.program === 'ssl_return' ? 0 : 1

const argumentProgram = (data: DataFunction, pointer: CountPointer): string =>
  pointer === 'none' ? data.program : `${data.program}_${pointer}`

function planData(symbol: ElfSymbol, data: DataFunction, plan: CallPlan): Probe[] {
  const at = (program: string, point: ProbePoint, retprobe = false): Probe => ({
    program,
    symbol: symbol.name,
    offset: symbol.offset + point.offset,
    retprobe,
    emulated: point.emulated,
  })
  const { mid, entry } = plan
  // A return probe costs as little as an emulated instruction, and a single step costs five times that.
  const better = mid?.result.emulated || !entry.emulated
  if (mid !== undefined && better && ARGUMENT_PROGRAMS.has(argumentProgram(data, mid.pointer))) {
    return [at('ssl_result', mid.result), at(argumentProgram(data, mid.pointer), mid.arguments)]
  }
  return [at('ssl_return', entry, true), at(argumentProgram(data, data.pointer), entry)]
}

function planEnd({ symbol, bytes }: Code): Probe[] {
  const program = ENDS[symbol.name]
  if (program === undefined) return []
  const { offset, emulated } = firstArgumentPoint(bytes)
  const place = { program, symbol: symbol.name, offset: symbol.offset + offset }
  return [{ ...place, retprobe: false, emulated }]
}
