import { full } from '../../size.ts'
import { brought, setUp } from '../bring.ts'
import { bringJava11 } from '../java_11.ts'
import { client, program, versionOf } from '../programs.ts'
import type { CoverageRow } from '../row.ts'
import { jsse, plain } from './kinds.ts'

/** Little of a JVM's time goes into compiling what ends at once. */
const BRIEF = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', brought.classes]

function rowsOf(name: string, binary: string, small: boolean): CoverageRow[] {
  const run = [binary, ...BRIEF]
  const named = { program: name, version: versionOf(/version "([\d.]+)/, binary, '-version') }
  return [
    { ...named, ...plain, small, serve: program(false, ...run, 'Server') },
    { ...named, ...jsse, small, serve: program(true, ...run, 'Server') },
    { ...named, ...jsse, small: false, ask: client(...run, 'Fetch') },
  ]
}

const others = () => [
  ...rowsOf('Java 11', `${bringJava11()}/bin/java`, false),
  ...rowsOf('Java 21', `${setUp.bringJdk('21.0.8.2')}/bin/java`, false),
  ...rowsOf('Java 25', `${setUp.bringJdk('25.0.2.1')}/bin/java`, false),
]

/** The system's, and in the full form older and newer ones. */
export const java: readonly CoverageRow[] = [
  ...rowsOf('Java', 'java', true),
  ...(full ? others() : []),
]
