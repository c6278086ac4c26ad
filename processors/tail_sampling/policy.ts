import type { ResourceSpans } from '../../pipeline/data/traces.ts'

/** A trace as policies see it. */
export interface TraceView {
  /** 32 hex digits. */
  readonly id: string
  /** Of the whole trace; `resources` may be a part of it. */
  readonly spanCount: number
  /** Bytes of OTLP. */
  readonly bytes: number
  readonly resources: readonly ResourceSpans[]
  /** Milliseconds, monotonic. */
  readonly now: number
}

export type Decision = 'sampled' | 'not_sampled' | 'dropped'

/** Throws if it cannot say. */
export type Evaluate = (trace: TraceView) => Decision

export interface Policy {
  readonly evaluate: Evaluate
  /** Says something else of the same spans at another time: of no use to strategy span-ingest. */
  readonly stateful: boolean
}

export const stateless = (matches: (trace: TraceView) => boolean): Policy => ({
  evaluate: (trace) => (matches(trace) ? 'sampled' : 'not_sampled'),
  stateful: false,
})

export const stateful = (matches: (trace: TraceView) => boolean): Policy => ({
  ...stateless(matches),
  stateful: true,
})
