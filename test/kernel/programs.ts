import type { ProgramInfo } from '../../native/addon.ts'
import { loadObject } from '../../native/load.ts'

export interface ProgramCost extends ProgramInfo {
  /** Why the kernel does not take it. */
  readonly refused?: string
}

/** Loads an object with all its programs, and tells of each what it costs or why it was refused. */
export function programCosts(path: string): ProgramCost[] {
  const { object, failed } = loadObject(path)
  const costs = object.programs().map((program) => {
    const refused =
      failed.find((one) => one.program === program.name)?.reason ??
      (program.id === 0 ? 'not loaded' : undefined)
    return { ...program, ...(refused === undefined ? {} : { refused }) }
  })
  object.close()
  return costs
}
