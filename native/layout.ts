import type { StructLayout } from './addon.ts'
import { AgentError } from './agent_error.ts'
import type { BpfObject } from './bpf_object.ts'

/**
 * Throws an AgentError unless the structs lie in `object` as the generated readers take for granted: each field of `expected` must be
 * there, at its place and of its size, and the struct must have its size.
 */
export function checkLayouts(
  object: BpfObject,
  expected: Readonly<Record<string, StructLayout>>,
): void {
  for (const [name, want] of Object.entries(expected)) {
    const difference = layoutDifference(want, object.layout(name))
    if (difference === undefined) continue
    throw new AgentError(`check BPF object ${object.path}: struct ${name}: ${difference}`, {
      code: 'BPF_LAYOUT_MISMATCH',
      hint: 'the object and bpf/events.gen.ts are of different builds: npm run setup',
    })
  }
}

/** The first difference in words, or undefined. */
export function layoutDifference(
  want: StructLayout,
  have: StructLayout | undefined,
): string | undefined {
  if (have === undefined) return 'not in its BTF'
  if (have.size !== want.size) return `expected ${want.size} bytes, got ${have.size}`
  for (const [field, { offset, size }] of Object.entries(want.fields)) {
    const found = have.fields[field]
    if (found === undefined) return `expected a field ${field}`
    if (found.offset !== offset || found.size !== size) {
      return `expected ${field} at ${offset} with ${size} bytes, got ${found.offset} with ${found.size}`
    }
  }
  return undefined
}
