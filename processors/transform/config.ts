import { bool, either, enumOf, type Infer, list, object, text } from '../../config/fields.ts'
import {
  CONTEXTS_OF,
  type ContextName,
  contextOfPrefix,
  type OttlSignal,
} from '../../pipeline/ottl/contexts.ts'
import { compileProgram, faultIn, type Program, ProgramFault } from '../../pipeline/ottl/program.ts'
import { ERROR_MODES, type ErrorMode } from '../../pipeline/ottl/run.ts'
import { functionsFor } from './functions.ts'

const errorMode = () => enumOf(ERROR_MODES, (found) => `unknown error mode ${found}`)

const group = object({
  context: text()
    .default('')
    .describe('What the statements are for; found out from their paths if it is left out.'),
  conditions: list(text()).describe('One of them must be true; none is as if one was.'),
  statements: list(text()).describe('Run one after the other on each item.'),
  error_mode: errorMode().optional().describe('Of this group alone.'),
})

const statements = (about: string) => list(either(text(), group)).describe(about)

export type GroupConfig = Infer<typeof group>
type Listed = readonly (string | GroupConfig)[]

export const schema = object({
  error_mode: errorMode()
    .default('ignore')
    .describe(
      'When a statement fails: ignore logs and goes on, silent goes on, propagate gives the batch up.',
    ),
  trace_statements: statements('For traces: OTTL statements, or groups of them.').check((listed) =>
    faultOf('traces', listed),
  ),
  metric_statements: statements('For metrics: OTTL statements, or groups of them.').check(
    (listed) => faultOf('metrics', listed),
  ),
  log_statements: statements('For logs: OTTL statements, or groups of them.').check((listed) =>
    faultOf('logs', listed),
  ),
  profile_statements: statements(
    'For profiles: OTTL statements on resources alone, or groups of them.',
  ).check(profileFault),
  flatten_data: bool()
    .default(false)
    .describe('Must be false: not built, for the Collector has it behind a gate.')
    .check((found) => found && 'flatten_data is not built: the Collector has it behind a gate'),
})

export type TransformConfig = Infer<typeof schema>

export interface Group extends Program {
  readonly errorMode: ErrorMode
}

/** What is wrong with the statements of one signal. */
const faultOf = (signal: OttlSignal, listed: Listed): string | undefined =>
  faultIn(() => compileGroups(signal, listed, 'ignore'))

/** Of a profile only its resource is decoded. */
function profileFault(listed: Listed): string | undefined {
  return faultOf('traces', listed) ?? foreign(listed)
}

const foreign = (listed: Listed): string | undefined => {
  const other = compileGroups('traces', listed, 'ignore').find(
    ({ context }) => context !== 'resource',
  )
  return (
    other &&
    `profile_statements: weir passes profiles on undecoded, so only the context resource is built, not ${other.context}`
  )
}

/** Statements alone are one group. Throws `ProgramFault`. */
export function compileGroups(
  signal: OttlSignal,
  listed: Listed,
  errorMode: ErrorMode,
): readonly Group[] {
  const flat = listed.filter((one) => typeof one === 'string')
  const groups = listed.filter((one) => typeof one !== 'string')
  if (flat.length > 0 && groups.length > 0) {
    throw new ProgramFault(
      'configuring multiple configuration styles is not supported, please use only Basic configuration or only Advanced configuration: statements or groups of statements',
    )
  }
  if (flat.length > 0) {
    return [{ ...compileProgram({ signal, statements: flat }, functionsFor), errorMode }]
  }
  return groups.map((one, i) => compileGroup(signal, one, i, errorMode))
}

function compileGroup(
  signal: OttlSignal,
  { context, conditions, statements, error_mode }: GroupConfig,
  index: number,
  errorMode: ErrorMode,
): Group {
  try {
    const named = context === '' ? undefined : contextOf(signal, context)
    const source = { signal, context: named, conditions, statements }
    return { ...compileProgram(source, functionsFor), errorMode: error_mode ?? errorMode }
  } catch (error) {
    if (!(error instanceof ProgramFault)) throw error
    throw new ProgramFault(error.message.replaceAll(/^/gm, `[${index}].`))
  }
}

function contextOf(signal: OttlSignal, name: string): ContextName {
  const context = contextOfPrefix(name)
  const known: readonly ContextName[] = CONTEXTS_OF[signal]
  if (context !== undefined && known.includes(context)) return context
  throw new ProgramFault(
    `context: unknown context "${name}" of ${signal}, allowed are ${known.join(', ')}`,
  )
}
