import type { Api } from './apis.ts'
import type { Batch } from './records.ts'

/** What both sides of every message begin with. `left`: bytes of the message behind this head. */
export interface Head {
  readonly part: 'head'
  readonly left: number
  readonly correlationId: number
  /** Of a request: what is asked, and by whom. */
  readonly request: RequestHead | undefined
}

export interface RequestHead {
  readonly key: number
  readonly version: number
  readonly api: Api
  /** '' if it has none. */
  readonly clientId: string
}

export interface KafkaFrame {
  readonly bytes: number
  readonly part: Head | Part
}

/** A piece of a message behind its head. */
export type Part =
  /** Of Produce how many brokers are to confirm; of the answer to Fetch an error. */
  | {
      readonly part: 'front'
      readonly acks: number
      readonly error: number
      readonly topics: number
    }
  /** By its name or, of newer versions, its id in hex. */
  | { readonly part: 'topic'; readonly topic: string; readonly partitions: number }
  | {
      readonly part: 'partition'
      readonly index: number
      readonly error: number
      readonly records: number
    }
  | { readonly part: 'batch'; readonly batch: Batch }
  /** As far as it was captured. */
  | { readonly part: 'body'; readonly body: Buffer }
  | { readonly part: 'rest' }
  /** The rest, which would have said something and was not captured. */
  | { readonly part: 'cut' }
