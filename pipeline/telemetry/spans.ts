/** A span of weir's own. */
export interface OwnSpan {
  /** Ends it. `error` makes it a failed one. */
  end(attributes: Readonly<Record<string, string | number>>, error?: unknown): void
}

/** The request headers that a sender's trace may stand in. */
export type HeaderOf = (name: string) => string | undefined

/** Starts a span, of the trace that `headerOf` finds if own traces go on with those of senders. Undefined while there are no own traces. */
export type StartSpan = (name: string, headerOf?: HeaderOf) => OwnSpan | undefined

/** What starts spans, for as long as the process lives: a reload puts another one behind it. */
export class Spans {
  #start: StartSpan | undefined

  readonly start: StartSpan = (name, headerOf) => this.#start?.(name, headerOf)

  use(start: StartSpan | undefined): void {
    this.#start = start
  }
}
