import { execFileSync } from 'node:child_process'
import { loadObject } from '../../native/load.ts'

export interface ProgramCost {
  readonly program: string
  readonly section: string
  /** Instructions that the verifier walked; 0 before 5.16. */
  readonly verified: number
  readonly instructions: number
  readonly machineBytes: number
  /** Why the kernel does not take it. */
  readonly refused?: string
}

const INSTRUCTION_BYTES = 8

interface BpftoolProgram {
  readonly bytes_xlated: number
  readonly bytes_jited: number
}

/** Loads an object with all its programs, and tells of each what it costs or why it was refused. */
export function programCosts(path: string): ProgramCost[] {
  const { object, failed } = loadObject(path)
  const costs = object.programs().map(({ name, section, id, verifiedInstructions }) => {
    const refused = failed.find(({ program }) => program === name)?.reason
    if (refused !== undefined || id === 0) {
      const reason = refused ?? 'not loaded'
      return {
        program: name,
        section,
        verified: 0,
        instructions: 0,
        machineBytes: 0,
        refused: reason,
      }
    }
    const shown = execFileSync('bpftool', ['-j', 'prog', 'show', 'id', String(id)]).toString()
    const program: BpftoolProgram = JSON.parse(shown)
    return {
      program: name,
      section,
      verified: verifiedInstructions,
      instructions: program.bytes_xlated / INSTRUCTION_BYTES,
      machineBytes: program.bytes_jited,
    }
  })
  object.close()
  return costs
}
