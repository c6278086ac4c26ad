import type { AgentError } from './agent_error.ts'
import { BpfObject, type ObjectOptions } from './bpf_object.ts'
import { type LoadFailure, loadError, parseLoadMessages } from './load_error.ts'

/** A program that the kernel refused, and that the loaded object goes without. */
export interface FailedProgram extends LoadFailure {
  readonly error: AgentError
}

export interface LoadedObject {
  readonly object: BpfObject
  /** In the order in which they failed. */
  readonly failed: readonly FailedProgram[]
}

/**
 * Opens and loads an object with as many of its programs as the kernel takes. libbpf loads all or nothing, so when a program fails the
 * object is opened again without it; shared maps (`reuse`) stay what they are. The caller closes the object. Throws an
 * AgentError when it is not a program that fails.
 */
export function loadObject(path: string, options: ObjectOptions = {}): LoadedObject {
  const failed: FailedProgram[] = []
  const refused = new Set<string>()
  for (;;) {
    const off = Object.fromEntries([...refused].map((program) => [program, false]))
    const object = new BpfObject(path, { ...options, autoload: { ...options.autoload, ...off } })
    const failure = tryLoad(object)
    if (failure === undefined) return { object, failed }
    object.close()
    if (failure.program === '' || refused.has(failure.program)) throw failure.error
    refused.add(failure.program)
    failed.push(failure)
  }
}

function tryLoad(object: BpfObject): FailedProgram | undefined {
  try {
    object.load()
    return undefined
  } catch (thrown) {
    const cause = thrown as NodeJS.ErrnoException & { readonly messages?: readonly string[] }
    const failure = parseLoadMessages(cause.messages ?? [])
    return { ...failure, error: loadError(object.path, cause, failure) }
  }
}
