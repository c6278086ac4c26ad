import type { Buckets, Integer } from '../data/metrics.ts'
import type { UnixTime } from '../data/time.ts'
import type { LabelSet } from './labels.ts'

/** All series of one name. */
export interface Family {
  /** Of a counter with its `_total`, if it has one. */
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped'
  readonly help: string
  readonly samples: readonly Sample[]
}

export interface Sample {
  readonly labels: LabelSet
  /** Milliseconds since 1970, if the scraper's own time is not to count. */
  readonly timeMs?: number
  /** When counting began. */
  readonly start?: UnixTime
  readonly value: SampleValue
}

export type SampleValue =
  | { readonly kind: 'number'; readonly value: number; readonly exemplar?: TextExemplar }
  | Histogram
  | {
      readonly kind: 'summary'
      readonly count: Integer
      readonly sum: number
      readonly quantiles: readonly (readonly [quantile: number, value: number])[]
    }

export interface Histogram {
  readonly kind: 'histogram'
  readonly count: Integer
  readonly sum: number
  /** With growing bounds, the last one +Inf; counts are of all up to the bound. */
  readonly buckets: readonly Bucket[]
  readonly native?: Native
}

export interface Bucket {
  readonly bound: number
  readonly count: Integer
  readonly exemplar?: TextExemplar
}

/** The exponential buckets, which only the protobuf format can say. */
export interface Native {
  readonly schema: number
  readonly zeroThreshold: number
  readonly zeroCount: Integer
  readonly positive: Buckets
  readonly negative: Buckets
  /** Upper bounds of the positive buckets, the last one's, +Inf, left out: of schema -53 only. */
  readonly customValues?: readonly number[]
  /** By time. */
  readonly exemplars: readonly TextExemplar[]
}

export interface TextExemplar {
  readonly labels: LabelSet
  readonly value: number
  readonly time: UnixTime
}
