import type { Attribute } from '../../pipeline/data/attributes.ts'
import type { UnixTime } from '../../pipeline/data/time.ts'
import { RequestFault } from '../../pipeline/net/posted_spans.ts'

export interface Process {
  readonly service: string
  readonly tags: readonly Attribute[]
}

export interface Reference {
  readonly type: 'child_of' | 'follows_from'
  readonly traceId: string
  readonly spanId: string
}

export interface Log {
  readonly time: UnixTime
  readonly fields: readonly Attribute[]
}

/** Ids are lowercase hex, 32 and 16 digits, '' for zeros. */
export interface JaegerSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly name: string
  readonly references: readonly Reference[]
  readonly start: UnixTime
  readonly end: UnixTime
  readonly tags: readonly Attribute[]
  readonly logs: readonly Log[]
  /** Wins over that of the batch. */
  readonly process: Process | undefined
}

export interface JaegerBatch {
  readonly process: Process | undefined
  readonly spans: readonly JaegerSpan[]
}

/** Why a message is none of Jaeger's. */
export class JaegerFault extends RequestFault {
  override readonly code = 'JAEGER_INVALID'
}

/** '' for an id of zeros, which is none. */
export const hexId = (hex: string): string => (/^0*$/.test(hex) ? '' : hex)
