import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../pipeline/message_of.ts'
import { AgentError } from './agent_error.ts'

/** The addon as C++ exports it: it trusts its arguments, so only the classes of this folder call it. */
export interface Addon {
  readonly BpfObject: new (path: string, options: AddonObjectOptions) => AddonObject
  readonly RingReader: new (maps: readonly AddonMap[]) => AddonRingReader
  elfInfo(path: string): Promise<AddonElfInfo>
  elfSymbols(path: string, names: readonly string[]): Promise<AddonElfSymbol[]>
  setLog(level: number, log: (level: number, message: string) => void): void
  tryLock(fd: number): boolean
  readClocks(enoughNs: number): { bootNs: bigint; realNs: bigint; windowNs: number }
  bootNow(epochNs: bigint): number
  memlockLimit(): number
  enableStats(): number
  releaseFilePages(): number
  notify(path: string, message: string): void
  trapTarget(emulated: boolean): number
  callTrapTarget(emulated: boolean, times: number): number
  planCall(code: Uint8Array, pointer: number): AddonCallPlan
  findCall(code: Uint8Array, target: number): AddonCallPoints | undefined
  firstArgumentPoint(code: Uint8Array): AddonProbePoint
  planGoCall(code: Uint8Array): AddonGoCallPlan
  findWorks(code: Uint8Array, held: Uint8Array): { complete: boolean; works: AddonWork[] }
}

export interface AddonWork {
  readonly offset: number
  readonly held: readonly number[]
  readonly target?: number
  readonly displacement?: number
  readonly result?: { readonly offset: number; readonly held: readonly number[] }
}

export interface AddonProbePoint {
  readonly offset: number
  readonly emulated: boolean
}

export interface AddonCallPoints {
  readonly call: number
  readonly result: number
}

export interface AddonGoCallPlan {
  readonly begin?: AddonProbePoint
  readonly returns: readonly AddonProbePoint[]
  readonly keepsArguments: boolean
}

export interface AddonCallPlan {
  readonly entry: AddonProbePoint
  readonly tailCall: boolean
  readonly mid?: {
    readonly arguments: AddonProbePoint
    readonly result: AddonProbePoint
    readonly pointer: number
  }
}

export interface AddonObjectOptions {
  readonly logLevel: number
  readonly rodata: readonly (readonly [string, number | bigint | Uint8Array])[]
  readonly maxEntries: readonly (readonly [string, number])[]
  readonly valueSizes: readonly (readonly [string, number])[]
  readonly autoload: readonly (readonly [string, boolean])[]
  readonly reuse: readonly AddonObject[]
}

export interface AddonObject {
  load(): void
  close(): void
  programs(): ProgramInfo[]
  attach(program: string): number
  attachUprobe(program: string, path: string, offset: number, retprobe?: boolean): number
  detach(link: number): boolean
  maps(): string[]
  map(name: string): AddonMap
  layout(name: string): StructLayout | undefined
}

export interface AddonMap {
  info(): MapInfo
  lookup(key: Uint8Array, value: Uint8Array): boolean
  lookupMany(keys: Uint8Array, values: Uint8Array, found: Uint8Array): number
  update(key: Uint8Array, value: Uint8Array, flags: number): void
  delete(key: Uint8Array): boolean
  scan(
    cursor: Uint8Array,
    first: boolean,
    batch: boolean,
    keys: Uint8Array,
    values: Uint8Array,
  ): { count: number; done: boolean }
  sumCounters(into: Float64Array): void
  memory(): ArrayBuffer
}

export interface AddonRingReader {
  drain(into: Uint8Array, maxBytes: number): number
  positions(into: Float64Array): void
  skipped(): number
  ringCount(): number
  close(): void
}

export interface AddonElfInfo {
  readonly machine: number
  readonly type: number
  readonly buildId: string
  readonly interpreter: string
  readonly needed: string[]
}

export interface AddonElfSymbol {
  readonly name: string
  readonly address: number
  readonly offset: number
  readonly size: number
  readonly type: number
  readonly dynamic: boolean
}

export interface ProgramInfo {
  readonly name: string
  /** As SEC() says it: "tp_btf/sys_exit". */
  readonly section: string
  /** As libbpf names it: "tracing". */
  readonly type: string
  readonly autoload: boolean
  /** How often it is attached now. */
  readonly links: number
  /** The kernel's; 0 while it is not loaded. */
  readonly id: number
  /** Instructions the verifier walked through; 0 before 5.16. */
  readonly verifiedInstructions: number
  /** After the verifier has rewritten it; 0 while it is not loaded, as with the next one. */
  readonly instructions: number
  readonly machineBytes: number
  /** Counted only while BPF statistics are enabled. */
  readonly runCount: number
  readonly runTimeNs: number
}

/** How a struct lies in memory, bytes. */
export interface StructLayout {
  readonly size: number
  readonly fields: Readonly<Record<string, FieldLayout>>
}

export interface FieldLayout {
  readonly offset: number
  readonly size: number
}

export interface MapInfo {
  readonly name: string
  /** As libbpf names it: "lru_hash". */
  readonly type: string
  readonly keySize: number
  readonly valueSize: number
  /** Bytes that a look-up returns: of a per-CPU map the values of all possible CPUs, each padded to 8. */
  readonly lookupBytes: number
  readonly maxEntries: number
  /** Kernel memory accounted to the map, bytes. */
  readonly memlockBytes: number
}

/** Where the addon lies. Compiled, this file is dist/native/addon.js; the addon lies in build/native/. */
export const ADDON = fileURLToPath(new URL('../../build/native/weir.node', import.meta.url))

function loadAddon(): Addon {
  try {
    return createRequire(import.meta.url)(ADDON) as Addon
  } catch (cause) {
    const reason = messageOf(cause)
    throw new AgentError(
      `load addon ${ADDON}: ${reason} (Node ${process.version}, ${process.arch})`,
      { code: 'ADDON_LOAD_FAILED', cause, hint: 'build it: npm run setup' },
    )
  }
}

export const addon: Addon = loadAddon()
