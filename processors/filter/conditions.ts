import {
  CONTEXTS_OF,
  type ContextName,
  contextOfPrefix,
  type OttlSignal,
} from '../../pipeline/ottl/contexts.ts'
import type { Test } from '../../pipeline/ottl/frame.ts'
import { type Functions, functionsOf } from '../../pipeline/ottl/function.ts'
import { pointFunctions } from '../../pipeline/ottl/functions/points.ts'
import { convertersOf } from '../../pipeline/ottl/functions/standard.ts'
import {
  type Compiled,
  compileProgram,
  faultIn,
  ProgramFault,
} from '../../pipeline/ottl/program.ts'
import type { ErrorMode } from '../../pipeline/ottl/run.ts'

/** Conditions that some configuration lists, for one context or for those that their paths tell. */
export interface ConditionGroup {
  readonly context: string
  readonly error_mode: ErrorMode | undefined
  readonly conditions: readonly string[]
}

export type Listed = readonly (string | ConditionGroup)[]

/** Conditions of one context; what one of them is true of goes. */
export interface Drop {
  readonly context: ContextName
  readonly errorMode: ErrorMode
  readonly conditions: readonly Compiled<Test>[]
}

const ofMetrics: Functions = new Map([...convertersOf('metric'), ...functionsOf(pointFunctions)])

const functionsFor = (context: ContextName): Functions =>
  context === 'metric' ? ofMetrics : convertersOf(context)

/** What is wrong with conditions, as text. */
export const faultOf = (signal: OttlSignal, listed: Listed): string | undefined =>
  faultIn(() => compileDrops(signal, listed, 'ignore'))

/** By context, from the outside in. Throws `ProgramFault`. */
export function compileDrops(
  signal: OttlSignal,
  listed: Listed,
  errorMode: ErrorMode,
): readonly Drop[] {
  const texts = listed.filter((one) => typeof one === 'string')
  const groups = listed.filter((one) => typeof one !== 'string')
  if (texts.length > 0 && groups.length > 0) {
    throw new ProgramFault('write conditions or groups of conditions, not both in one list')
  }
  const flat = { context: '', error_mode: undefined, conditions: texts }
  const drops = [...groups, flat].flatMap((group) => compileGroup(signal, group, errorMode))
  const order: readonly ContextName[] = CONTEXTS_OF[signal]
  return drops.toSorted((a, b) => order.indexOf(a.context) - order.indexOf(b.context))
}

/** Without a context each condition has its own: it says what is dropped. */
function compileGroup(signal: OttlSignal, group: ConditionGroup, errorMode: ErrorMode): Drop[] {
  const mode = group.error_mode ?? errorMode
  if (group.conditions.length === 0) return []
  if (group.context !== '') {
    const context = contextOf(signal, group.context)
    const { conditions } = compileProgram(
      { signal, context, conditions: group.conditions },
      functionsFor,
    )
    return [{ context, errorMode: mode, conditions }]
  }
  const all = compileEach(signal, group.conditions)
  return CONTEXTS_OF[signal].flatMap((context) => {
    const conditions = all.filter((one) => one.context === context).flatMap((one) => one.conditions)
    return conditions.length === 0 ? [] : [{ context, errorMode: mode, conditions }]
  })
}

function compileEach(signal: OttlSignal, texts: readonly string[]) {
  const faults: string[] = []
  const programs = texts.flatMap((text, i) => {
    try {
      return [compileProgram({ signal, conditions: [text] }, functionsFor)]
    } catch (error) {
      if (!(error instanceof ProgramFault)) throw error
      faults.push(error.message.replace(/^conditions\[0\]/, `conditions[${i}]`))
      return []
    }
  })
  if (faults.length > 0) throw new ProgramFault(faults.join('\n'))
  return programs
}

function contextOf(signal: OttlSignal, name: string): ContextName {
  const context = contextOfPrefix(name)
  const known: readonly ContextName[] = CONTEXTS_OF[signal]
  if (context !== undefined && known.includes(context)) return context
  throw new ProgramFault(
    `context: unknown context "${name}" of ${signal}, allowed are ${known.join(', ')}`,
  )
}
