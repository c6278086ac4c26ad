/** A span of weir's own. */
export interface OwnSpan {
  /** Ends it. `error` makes it a failed one. */
  end(attributes: Readonly<Record<string, string | number>>, error?: unknown): void
}

/** The request headers that a sender's trace may stand in. */
export type HeaderOf = (name: string) => string | undefined

/** Starts a span, of the trace that `headerOf` finds if own traces go on with those of senders. Undefined while there are no own traces. */
export type StartSpan = (name: string, headerOf?: HeaderOf) => OwnSpan | undefined

/** A span of weir's own that has ended. */
export interface SeenSpan {
  readonly name: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly ms: number
  readonly attributes: Readonly<Record<string, string | number>>
  /** Undefined if it did not fail. */
  readonly error?: unknown
}

export type SeeSpan = (span: SeenSpan) => void

/** Hears of each span of weir's own until what it gives is called, whether they are sent or not. */
export type WatchSpans = (see: SeeSpan) => () => void

/** What starts spans, for as long as the process lives: a reload puts another one behind it. */
export class Spans {
  #start: StartSpan | undefined
  readonly #watchers = new Set<SeeSpan>()

  readonly start: StartSpan = (name, headerOf) => {
    const span = this.#start?.(name, headerOf)
    return this.#watchers.size === 0 ? span : this.#watched(name, span)
  }

  readonly watch: WatchSpans = (see) => {
    this.#watchers.add(see)
    return () => this.#watchers.delete(see)
  }

  use(start: StartSpan | undefined): void {
    this.#start = start
  }

  #watched(name: string, span: OwnSpan | undefined): OwnSpan {
    const startedAt = Date.now()
    const began = performance.now()
    return {
      end: (attributes, error) => {
        span?.end(attributes, error)
        const ms = performance.now() - began
        for (const see of this.#watchers) see({ name, startedAt, ms, attributes, error })
      },
    }
  }
}
