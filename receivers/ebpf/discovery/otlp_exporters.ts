/** How long an export waits before it counts: what passes on the traces of others has answered them by then. */
const GRACE_NS = 1e9

/**
 * Processes that were seen to export traces by OTLP: they make spans of their own, and others of the same requests would be duplicates.
 * A process that takes traces from others, as a proxy or a gateway does, is none of them.
 */
export class OtlpExporters {
  /** Since when they wait to count. */
  readonly #waiting = new Map<number, number>()
  readonly #counting = new Set<number>()
  readonly #servers = new Set<number>()

  exported(tgid: number, nowNs: number): void {
    if (this.#servers.has(tgid) || this.#counting.has(tgid) || this.#waiting.has(tgid)) return
    this.#waiting.set(tgid, nowNs)
  }

  served(tgid: number): void {
    this.#servers.add(tgid)
    this.#waiting.delete(tgid)
  }

  /** True once it counts. */
  has(tgid: number): boolean {
    return this.#counting.has(tgid)
  }

  /** Has ended, or runs another program now. */
  forget(tgid: number): void {
    this.#waiting.delete(tgid)
    this.#counting.delete(tgid)
    this.#servers.delete(tgid)
  }

  /** Those that have come to count since the last call. */
  due(nowNs: number): readonly number[] {
    if (this.#waiting.size === 0) return NONE
    const due = [...this.#waiting].filter(([, sinceNs]) => nowNs - sinceNs >= GRACE_NS)
    for (const [tgid] of due) {
      this.#waiting.delete(tgid)
      this.#counting.add(tgid)
    }
    return due.map(([tgid]) => tgid)
  }
}

const NONE: readonly number[] = []
