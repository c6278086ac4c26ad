import { type AddonCallPoints, addon } from './addon.ts'
import { checkBytes } from './check.ts'

/** A place for a uprobe, bytes from the function's start. */
export interface ProbePoint {
  readonly offset: number
  /** The kernel emulates the instruction there, on every kernel from 5.10: a fifth of the cost of a single step. */
  readonly emulated: boolean
}

const POINTERS = ['none', 'rcx', 'r8'] as const

/** The register that holds the address to which a function writes how many bytes it has moved. */
export type CountPointer = (typeof POINTERS)[number]

/** Both points are passed once, in this order, by every call that moves bytes; no return address is touched. */
export interface MidPlan {
  /** `rdi` and `rsi` are still the function's first arguments here. */
  readonly arguments: ProbePoint
  /** Here `eax` above 0 means success; and it is the count of bytes, unless there is a `pointer`. */
  readonly result: ProbePoint
  /** The register that holds the count's address at `arguments`. */
  readonly pointer: CountPointer
}

export interface CallPlan {
  /** For a pair of uprobe and uretprobe: nothing has been pushed yet. */
  readonly entry: ProbePoint
  /** Only what disassembly has proved. */
  readonly mid?: MidPlan
  /** The function hands its arguments on by a jump: probes there see its calls, too. */
  readonly tailCall: boolean
}

/**
 * Finds where a function with the signature of SSL_read (`pointer` none), SSL_read_ex (rcx) or SSL_write_ex2 (r8) is
 * best probed. `code` is all of the function, x86-64.
 */
export function planCall(code: Uint8Array, pointer: CountPointer): CallPlan {
  checkBytes('code', code)
  const { entry, mid, tailCall } = addon.planCall(code, POINTERS.indexOf(pointer))
  if (mid === undefined) return { entry, tailCall }
  return { entry, tailCall, mid: { ...mid, pointer: POINTERS[mid.pointer] ?? 'none' } }
}

/** Of a direct call, bytes from the start of the code: itself, and a place behind it where `eax` is what it has returned. */
export type CallPoints = AddonCallPoints

/**
 * The only call that the code makes of `target`, in bytes from its start. The kernel emulates both places. The code may end anywhere
 * behind the function.
 */
export function findCall(code: Uint8Array, target: number): CallPoints | undefined {
  checkBytes('code', code)
  return addon.findCall(code, target)
}

/** The first emulated instruction that every call passes with its first argument still in `rdi`; else the start. */
export function firstArgumentPoint(code: Uint8Array): ProbePoint {
  checkBytes('code', code)
  return addon.firstArgumentPoint(code)
}
