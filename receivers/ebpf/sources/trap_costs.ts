import type { LoadedObject } from '../../../native/load.ts'
import { measureTrapCosts, type TrapCosts } from '../../../native/trap_cost.ts'

/** By a program that returns at once for weir, which is not watched. */
export function trapCostsBy(loaded: LoadedObject | undefined, program: string): TrapCosts {
  if (loaded === undefined) throw new Error(`program ${program}: not loaded`)
  return measureTrapCosts(loaded.object, program)
}
