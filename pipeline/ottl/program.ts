import type { Condition, Statement } from './ast.ts'
import { Compiler } from './compile.ts'
import { CONTEXTS_OF, type ContextName, type OttlSignal } from './contexts.ts'
import { locate, SyntaxFault } from './error.ts'
import type { Edit, Test } from './frame.ts'
import type { Functions } from './function.ts'
import { inferContext } from './infer.ts'
import { parseCondition, parseStatement } from './parse.ts'

/** What users wrote. Without a context one is inferred, and paths need their prefixes. */
export interface Source {
  readonly signal: OttlSignal
  readonly context?: ContextName | undefined
  readonly conditions?: readonly string[]
  readonly statements?: readonly string[]
  /** Whether paths need their prefixes though the context was named. */
  readonly prefixed?: boolean
}

/** One text, compiled. */
export interface Compiled<T> {
  readonly text: string
  readonly run: T
}

export interface Program {
  readonly context: ContextName
  /** One of them must be true, unless there are none. */
  readonly conditions: readonly Compiled<Test>[]
  readonly statements: readonly Compiled<Edit>[]
}

/** Statements or conditions that are wrong; the message says what is wrong with each, and where. */
export class ProgramFault extends Error {
  readonly code = 'OTTL_SYNTAX'
}

/** What is wrong with what `compile` compiles; undefined if nothing is. */
export function faultIn(compile: () => unknown): string | undefined {
  try {
    compile()
  } catch (error) {
    if (error instanceof ProgramFault) return error.message
    throw error
  }
  return undefined
}

export type FunctionsOf = (context: ContextName) => Functions

/** Compiles statements and the conditions that they all stand under. Throws `ProgramFault`. */
export function compileProgram(source: Source, functionsOf: FunctionsOf): Program {
  const { signal, conditions = [], statements = [] } = source
  const faults: string[] = []
  const parsedConditions = parseAll('conditions', conditions, parseCondition, faults)
  const parsedStatements = parseAll('statements', statements, parseStatement, faults)
  throwIfAny(faults)
  const context =
    source.context ??
    inferContext(signal, valuesOf(parsedStatements), valuesOf(parsedConditions), functionsOf)
  if (context === undefined) {
    const known = CONTEXTS_OF[signal].join(', ')
    throw new ProgramFault(
      `no context of ${signal} (${known}) has all these paths and functions: divide the list into groups`,
    )
  }
  const prefixed = source.prefixed ?? source.context === undefined
  const compiler = new Compiler(context, functionsOf(context), prefixed)
  const tests = compileAll('conditions', parsedConditions, (one) => compiler.condition(one), faults)
  const edits = compileAll(
    'statements',
    parsedStatements,
    (one) => statementOf(compiler, one),
    faults,
  )
  throwIfAny(faults)
  return { context, conditions: tests, statements: edits }
}

const throwIfAny = (faults: readonly string[]): void => {
  if (faults.length > 0) throw new ProgramFault(faults.join('\n'))
}

const valuesOf = <T>(list: readonly Compiled<T>[]): readonly T[] => list.map((one) => one.run)

const parseAll = <T extends Condition | Statement>(
  kind: string,
  texts: readonly string[],
  parse: (text: string) => T,
  faults: string[],
): readonly Compiled<T>[] =>
  compileAll(
    kind,
    texts.map((text) => ({ text, run: text })),
    parse,
    faults,
  )

/** What became of each; what is wrong with one goes to `faults`. */
function compileAll<T, U>(
  kind: string,
  list: readonly Compiled<T>[],
  compile: (one: T) => U,
  faults: string[],
): readonly Compiled<U>[] {
  return list.flatMap(({ text, run }, i) => {
    try {
      return [{ text, run: compile(run) }]
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw error
      faults.push(`${kind}[${i}]: ${locate(text, error)}, in ${JSON.stringify(text)}`)
      return []
    }
  })
}

function statementOf(compiler: Compiler, { editor, where }: Statement): Edit {
  const edit = compiler.editor(editor)
  if (where === undefined) return edit
  const test = compiler.condition(where)
  return (frame) => {
    if (test(frame)) edit(frame)
  }
}
