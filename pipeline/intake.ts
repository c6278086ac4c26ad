import type { Admission, Release } from './component.ts'

/** The bytes of all requests that are being read: memory that is promised and may not show in the process yet. */
export class Intake {
  #bytes = 0

  /** Lets a request of so many bytes in if none of `limiters` refuses; throws the `RefusedError` of the first that does. */
  admit(bytes: number, limiters: readonly Admission[]): Release {
    for (const limiter of limiters) {
      const refusal = limiter.refusal(this.#bytes + bytes)
      if (refusal !== undefined) throw refusal
    }
    this.#bytes += bytes
    let released = false
    return () => {
      if (!released) this.#bytes -= bytes
      released = true
    }
  }
}
