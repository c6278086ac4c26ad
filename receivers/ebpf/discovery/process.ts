import type { OwnPatterns } from '../routes/routes.ts'
import type { Sample } from '../trace_context/sampling.ts'
import { type Cgroup, NO_CGROUP } from './cgroup.ts'
import type { PodFacts } from './pod_facts.ts'

/** What is known of one process. Paths and arguments are as the process itself sees them. */
export interface Process {
  readonly tgid: number
  readonly parent: number
  /** Nanoseconds since boot / agent's epoch, as `boot_ns` decodes; of the exec or fork that made it what it is. */
  readonly startedNs: number
  /** Nanoseconds of CPU that it had used when it was first looked at; 0 if it was seen to start. */
  readonly cpuBeforeNs: number
  /** Kernel's name of the program, at most 15 bytes. */
  readonly comm: string
  /** Absolute; '' when it could not be read (a process that ended first, or a kernel thread). */
  readonly exePath: string
  /** May be cut at EXEC_ARGS_MAX bytes. */
  readonly args: readonly string[]
  /** Only the variables that name things: `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`. */
  readonly env: ReadonlyMap<string, string>
  /** Its path is '' when the process ended before anyone could look. */
  readonly cgroup: Cgroup
  /** Nothing but its id is known: it ended before anyone could look, and its records were lost. */
  readonly isUnknown?: true
}

/** `unknown_service` is what OpenTelemetry prescribes. */
export const unknownProcess = (tgid: number): Process => ({
  tgid,
  parent: 0,
  startedNs: 0,
  cpuBeforeNs: 0,
  comm: 'unknown_service',
  exePath: '',
  args: [],
  env: new Map(),
  cgroup: NO_CGROUP,
  isUnknown: true,
})

/** What entries of `instrument` say of the processes that they select. */
export interface ServiceSettings {
  /** `service.name` and `service.namespace` of a process that was told neither itself; '' for none. */
  readonly name: string
  readonly namespace: string
  /** `exports` has them, or is not there. */
  readonly exportsTraces: boolean
  readonly exportsMetrics: boolean
  /** Undefined: the receiver's own sampler. */
  readonly sample: Sample | undefined
  /** Undefined: the receiver's own patterns. */
  readonly routes: OwnPatterns | undefined
}

export const DEFAULT_SETTINGS: ServiceSettings = {
  name: '',
  namespace: '',
  exportsTraces: true,
  exportsMetrics: true,
  sample: undefined,
  routes: undefined,
}

/** Whether a process is watched, and by which rule. */
export interface Decision {
  readonly selected: boolean
  /** In words: `instrument[0]`, `default: weir itself`. What `weir explain` prints. */
  readonly rule: string
  /** The rule that chose it, also if another one left it out after that: its children are chosen by it. '' for none. */
  readonly chosenBy: string
  readonly settings: ServiceSettings
  /** What Kubernetes tells of its pod decides; until then nothing is made of it, and nothing thrown away. */
  readonly awaitsPod?: true
}

/** A process with what was decided about it. */
export interface KnownProcess {
  readonly process: Process
  readonly decision: Decision
  /** Made by a fork, and no program executed since: an exec record may be on its way. */
  readonly forked: boolean
  /** Undefined: it is in none that Kubernetes has told of. */
  readonly pod: PodFacts | undefined
  /** Of a worker of Python's multiprocessing, which was not told what it runs: the process that it is a part of. */
  readonly maker: Process | undefined
}
