import type { AggregateStatus } from '../../pipeline/status/aggregate.ts'
import type { Answer } from './answer.ts'

/** What the servers of the extension answer from. */
export interface Health {
  /** Of the whole for '', else of a pipeline; undefined if there is none of that id. */
  status(pipeline: string): AggregateStatus | undefined
  isServing(status: AggregateStatus): boolean
  /** To a GET of that path and query; undefined if nothing is there. */
  answer(path: string, query: URLSearchParams): Answer | undefined
}
