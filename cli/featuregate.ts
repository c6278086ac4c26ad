import { GATES } from '../config/gates.ts'
import { nearest } from '../config/nearest.ts'
import { table } from './table.ts'
import { type Arguments, UsageError } from './verb.ts'

const HEAD = ['ID', 'Enabled', 'Stage', 'Description'] as const

/** Prints the gates as a table, or the one that is named. */
export async function run({ words: [id] }: Arguments): Promise<number> {
  const gates = GATES.filter((gate) => id === undefined || gate.id === id)
  if (gates.length === 0) throw unknownGate(id ?? '')
  const lines = gates.map((gate) => [gate.id, String(gate.enabled), gate.stage, gate.description])
  for (const line of table([[...HEAD], ...lines])) process.stdout.write(`${line}\n`)
  return 0
}

function unknownGate(id: string): UsageError {
  const ids = GATES.map((gate) => gate.id)
  const near = nearest(id, ids)
  const hint = near === undefined ? `known are ${ids.join(', ')}` : `did you mean "${near}"?`
  return new UsageError(`no such feature gate "${id}"`, hint)
}
