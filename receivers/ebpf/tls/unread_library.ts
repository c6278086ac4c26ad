import type { Process } from '../discovery/process.ts'
import type { TlsReport } from '../explain/report.ts'

/** Executables whose library is remembered for processes that have ended. */
const REMEMBERED_MAX = 4096

/** Of what can encrypt in a process, what a connection that was not read goes through; undefined if that is not known. */
export const unreadOf = (tls: readonly TlsReport[]): TlsReport | undefined =>
  tls.find(({ read }) => read === false)

/** Names of those libraries, found once for each process; of one that has ended, as for others of its executable. */
export class UnreadLibraries {
  readonly #reports: (process: Process) => readonly TlsReport[]
  readonly #byProcess = new WeakMap<Process, string>()
  readonly #byExecutable = new Map<string, string>()

  /** `reports` reads what a process maps: nothing of one that has ended. */
  constructor(reports: (process: Process) => readonly TlsReport[]) {
    this.#reports = reports
  }

  /** A process of this executable encrypts. */
  meet(process: Process): void {
    if (!this.#byExecutable.has(process.exePath)) this.of(process)
  }

  /** '' if nothing is known. */
  of(process: Process): string {
    const known = this.#byProcess.get(process)
    if (known !== undefined) return known
    const { exePath } = process
    const found = unreadOf(this.#reports(process))?.library ?? this.#byExecutable.get(exePath) ?? ''
    this.#byProcess.set(process, found)
    if (this.#byExecutable.size >= REMEMBERED_MAX) this.#byExecutable.clear()
    this.#byExecutable.set(exePath, found)
    return found
  }
}
