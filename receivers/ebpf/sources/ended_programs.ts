/** Names that are told apart; what comes beyond counts together. */
const NAMES_MAX = 64
const OTHERS = '(others)'
/** Processes whose end was counted and may be told of again: by another file of theirs, by another source. */
const PROCESSES_MAX = 1024

/** Programs with a file that nobody had run before, and that had ended before the file was inspected: by name, how often. */
export class EndedPrograms {
  readonly #times = new Map<string, number>()
  readonly #counted = new Set<number>()

  /** False if this process has been counted. */
  add(tgid: number, name: string): boolean {
    if (this.#counted.has(tgid)) return false
    if (this.#counted.size >= PROCESSES_MAX) this.#counted.clear()
    this.#counted.add(tgid)
    const known = this.#times.has(name) || this.#times.size < NAMES_MAX
    const key = known ? name : OTHERS
    this.#times.set(key, (this.#times.get(key) ?? 0) + 1)
    return true
  }

  list(): readonly { readonly name: string; readonly times: number }[] {
    return [...this.#times].map(([name, times]) => ({ name, times }))
  }
}
