import type { ContextName, OttlSignal } from '../../pipeline/ottl/contexts.ts'
import type { Frame } from '../../pipeline/ottl/frame.ts'
import { editor, type Functions, functionsOf } from '../../pipeline/ottl/function.ts'
import { convertersOf, standardEditors } from '../../pipeline/ottl/functions/standard.ts'
import { compileProgram } from '../../pipeline/ottl/program.ts'
import type { OnFailure } from '../../pipeline/ottl/run.ts'
import type { RouteConfig } from './config.ts'

const EDITORS = new Set(['delete_key', 'delete_matching_keys'])

/** Whether the route that is being tried takes what the frame holds: an editor that runs says so. */
interface Taken {
  yes: boolean
}

function functionsWith(taken: Taken): (context: ContextName) => Functions {
  const route = editor('route', [], () => () => {
    taken.yes = true
  })
  const others = standardEditors
    .filter(({ name }) => EDITORS.has(name))
    .map((spec) =>
      editor(spec.name, spec.parameters, (args) => {
        const edit = spec.compile(args)
        return (frame) => {
          edit(frame)
          taken.yes = true
        }
      }),
    )
  const editors = functionsOf([route, ...others])
  return (context) => new Map([...convertersOf(context), ...editors])
}

/** Tells whether a route takes an item, and does what its statement says. Throws `ProgramFault`. */
export function compileRoute(
  signal: OttlSignal,
  { context, statement, condition }: RouteConfig,
  onFailure: OnFailure,
): (frame: Frame) => boolean {
  const taken: Taken = { yes: false }
  const text = statement === '' ? `route() where ${condition}` : statement
  const named = context as ContextName
  const { statements } = compileProgram(
    { signal, context: named, statements: [text] },
    functionsWith(taken),
  )
  return (frame) => {
    taken.yes = false
    try {
      statements[0]?.run(frame)
    } catch (error) {
      onFailure(text, error)
      return false
    }
    return taken.yes
  }
}
