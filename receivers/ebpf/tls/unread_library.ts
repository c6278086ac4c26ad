import type { Process } from '../discovery/process.ts'
import { scriptOf } from '../discovery/script.ts'
import type { TlsReport } from '../explain/report.ts'

/** Programs whose library is remembered for processes that have ended. */
const REMEMBERED_MAX = 4096

/** Of what can encrypt in a process, what a connection that was not read goes through; undefined if that is not known. */
export const unreadOf = (tls: readonly TlsReport[]): TlsReport | undefined =>
  tls.find(({ read }) => read === false)

/** What an interpreter encrypts with is its script's choice. */
const programOf = (process: Process): string =>
  `${process.exePath} ${scriptOf(process)?.text ?? ''}`

/** Names of those libraries, found once for each process; of one that has ended, as for others of its program. */
export class UnreadLibraries {
  readonly #reports: (process: Process) => readonly TlsReport[]
  readonly #byProcess = new WeakMap<Process, string>()
  readonly #byProgram = new Map<string, string>()

  /** `reports` reads what a process maps: nothing of one that has ended. */
  constructor(reports: (process: Process) => readonly TlsReport[]) {
    this.#reports = reports
  }

  /** A process begins to encrypt. */
  meet(process: Process): void {
    if (!this.#byProgram.has(programOf(process))) this.of(process)
  }

  /** '' if nothing is known. */
  of(process: Process): string {
    const known = this.#byProcess.get(process)
    if (known !== undefined) return known
    const program = programOf(process)
    const found = unreadOf(this.#reports(process))?.library ?? this.#byProgram.get(program) ?? ''
    this.#byProcess.set(process, found)
    if (this.#byProgram.size >= REMEMBERED_MAX) this.#byProgram.clear()
    this.#byProgram.set(program, found)
    return found
  }
}
