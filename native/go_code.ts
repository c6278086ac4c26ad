import { addon } from './addon.ts'
import { checkBytes } from './check.ts'
import type { ProbePoint } from './probe_points.ts'

/** Only what disassembly has proved. Offsets are bytes from the function's start. */
export interface GoCallPlan {
  /** Passed once by every call, its first three arguments in `rax`, `rbx` and `rcx`. */
  readonly begin?: ProbePoint
  /** Every return; none when the code could not be followed to its end. */
  readonly returns: readonly ProbePoint[]
  /** At each return the three words above the return address are the first three arguments. */
  readonly keepsArguments: boolean
}

/** Finds where a function of Go 1.17 or newer is best probed. `code` is all of the function, x86-64. */
export function planGoCall(code: Uint8Array): GoCallPlan {
  checkBytes('code', code)
  return addon.planGoCall(code)
}
