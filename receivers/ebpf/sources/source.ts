import type { TrapCosts } from '../../../native/trap_cost.ts'
import type { Logger } from '../../../pipeline/component.ts'
import type { Process } from '../discovery/process.ts'
import type { ReasonName } from '../reasons.ts'
import type { Findings } from './findings.ts'

/** A file that a process has mapped executable. */
export interface Mapping {
  readonly tgid: number
  readonly inode: number
  /** `st_dev` as the kernel holds it. */
  readonly device: number
}

/** A feature that a source could not bring up whole: what is lost by it, and what to do. */
export interface Degradation {
  readonly feature: string
  readonly cause: string
  readonly fix: string
}

/** Whether calls of a library are read in a file. */
export interface FileReading {
  readonly links: readonly number[]
  readonly probes: readonly { readonly retprobe: boolean; readonly emulated: boolean }[]
  /** Why they are not; '' if they are. */
  readonly unread: string
}

/** What a source may use of the receiver. */
export interface SourceHost {
  readonly log: Logger
  /** Processes that run now, selected or not yet decided. A snapshot to walk at start. */
  processes(): Iterable<Process>
  /** True unless a rule says that the process is not watched. */
  watched(tgid: number): boolean
  /** The process was gone before anyone could look at the file: whoever maps it next is to be told of. */
  forgetFile(mapping: Mapping): void
  /** A file of the process was new, and the process had ended before the file was inspected. */
  endedUnread(tgid: number): void
  /** What was found in files before. */
  readonly findings: Findings
  /** Adds to the counter of a numbered reason. */
  count(reason: ReasonName, n?: number): void
}

/**
 * One way of seeing bytes: loads its BPF object, attaches it, and keeps it attached to what comes and goes.
 * Its records arrive in the shared rings, so it has no part in the drain. Methods other than `start` never
 * throw: what fails is counted or told in `degraded`.
 */
export interface Source {
  readonly name: string
  /** Loads and attaches. Throws when nothing of the source can work; the other sources carry on. */
  start(): void
  /** Settles when all that `start` began is attached. Never rejects. */
  ready?(): Promise<void>
  /** What did not come up, known after `start` and allowed to grow later. */
  degraded(): readonly Degradation[]
  /** A process has executed a program, or has come to be watched. Not called for those that ran before `start`. */
  processStarted?(process: Process): void
  /** It has ended otherwise than well: `exitCode` as wait(2) tells it. */
  processFailed?(process: Process, exitCode: number): void
  /** It hits the probes in its files too often: they are to be taken out. Returns the names of those files. */
  processOverRate?(process: Process, why: string): readonly string[]
  /** Measures what it costs to pass a probe, by one of its programs. Throws where that cannot be. */
  trapCosts?(): TrapCosts
  /** Once per inode and agent: see struct process_map. */
  fileMapped?(mapping: Mapping): void
  /** Files with what it looks for in them, by the key of a Candidate. */
  probed?(): ReadonlyMap<string, FileReading>
  /** Detaches everything. Safe before `start` and twice. */
  stop(): void
}
