import type { ReasonName } from '../reasons.ts'
import type { PodFinder } from './awaited_pods.ts'
import type { Decisions } from './decisions.ts'
import type { Descriptions } from './description.ts'
import type { KnownProcess } from './process.ts'
import type { Selection } from './selection.ts'

/** What the table needs to know of the world. */
export interface ProcessTableOptions {
  readonly selection: Selection
  readonly decisions: Decisions
  readonly descriptions: Descriptions
  readonly epochBootNs: bigint
  readonly nowNs: () => number
  readonly count: (reason: ReasonName) => void
  /** Absent: Kubernetes is not asked. */
  readonly pods?: PodFinder
  /** A process has ended, and is about to be forgotten. */
  readonly left?: (known: KnownProcess) => void
}
