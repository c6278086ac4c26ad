import { type AddonWork, addon } from './addon.ts'
import { checkBytes } from './check.ts'

/** What a register of x86-64 is known to hold. The first four are arguments of the function that the way began with. */
export const Held = {
  UNKNOWN: 0,
  OBJECT: 1,
  BUFFER: 2,
  COUNT_POINTER: 3,
  LENGTH: 4,
  ZERO: 5,
  ONE: 6,
} as const
export type Held = (typeof Held)[keyof typeof Held]

/** By number, as instructions number them: rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8 to r15. */
export type Registers = readonly number[]

export const Register = { RCX: 1, RDX: 2, RSI: 6, RDI: 7 } as const
const REGISTERS = 16

/** What registers hold, all others unknown. */
export const registersWith = (known: Readonly<Record<number, Held>>): Registers =>
  Array.from({ length: REGISTERS }, (_, register) => known[register] ?? Held.UNKNOWN)

/** A call, or a jump out of the code, that hands object and buffer on. Offsets are bytes from the start of the code. */
export interface Work extends AddonWork {
  readonly held: Registers
  /** Where a direct one leads to. */
  readonly target?: number
  /** Of the table entry, one register away, that an indirect one goes through. */
  readonly displacement?: number
  /** A place that the kernel emulates, where `eax` is what the call has returned. Absent if there is none. */
  readonly result?: { readonly offset: number; readonly held: Registers }
}

export interface WorkPlan {
  readonly works: readonly Work[]
  /** Every way through the code could be followed to its end. */
  readonly complete: boolean
}

/**
 * Follows every way through a function that begins with the code, and whose registers then hold `held`. What is told of a
 * register is true on every way that leads there. The code may end anywhere behind the function.
 */
export function findWorks(code: Uint8Array, held: Registers): WorkPlan {
  checkBytes('code', code)
  if (held.length !== REGISTERS)
    throw new RangeError(`held: expected ${REGISTERS} registers, got ${held.length}`)
  return addon.findWorks(code, Uint8Array.from(held))
}
