import type { TrapCosts } from '../../../native/trap_cost.ts'
import type { ProbeCost } from '../costs/probe_cost.ts'
import type { CpuShare } from '../costs/service_costs.ts'
import type { PodFacts } from '../discovery/pod_facts.ts'
import type { ReasonKind } from '../reasons.ts'

/** What `weir explain` is told, as JSON: by the running agent, or the part that needs none by the command itself. */
export interface Explanation {
  readonly version: string
  /** Undefined when no agent runs. */
  readonly agent: AgentReport | undefined
  readonly processes: readonly ProcessReport[]
}

export interface AgentReport {
  readonly pid: number
  /** The way into the kernel, '' before it is attached. */
  readonly hooks: string
  /** `seen N / exported N / ...` */
  readonly books: string
  /** Of all processes together, with what the kernel cannot tell apart by them. */
  readonly reasons: readonly ReasonReport[]
  /** Features that this kernel does not give, and why. */
  readonly missing: readonly string[]
  /** Nanoseconds of CPU to pass a probe, watched or not; undefined where that could not be measured. */
  readonly probeTraps: TrapCosts | undefined
  /** How Kubernetes answers; '' if it is not asked. */
  readonly kubernetes: string
  /** Programs that had ended before their new files were inspected, and how often. */
  readonly ended: readonly { readonly name: string; readonly times: number }[]
}

export interface ProcessReport {
  readonly pid: number
  readonly parent: number
  readonly executable: string
  readonly buildId: string
  readonly arguments: readonly string[]
  readonly selected: boolean
  /** Not decided before Kubernetes tells of its pod. */
  readonly awaitsPod: boolean
  /** Which rule said so. */
  readonly rule: string
  readonly service: {
    readonly name: string
    readonly namespace: string
    readonly version: string
    /** What gave the name. */
    readonly rule: string
  }
  readonly runtime: {
    readonly language: string
    readonly name: string
    readonly version: string
    readonly by: string
  }
  readonly ports: readonly number[]
  readonly container: {
    readonly id: string
    readonly name: string
    readonly pod: string
    readonly podUid: string
    readonly namespace: string
  }
  /** What Kubernetes tells of its pod; undefined: nothing, or it is in none. */
  readonly pod: PodFacts | undefined
  readonly cgroup: string
  /** Inode numbers, by their names below /proc/PID/ns. */
  readonly namespaces: Readonly<Record<string, number>>
  readonly tls: readonly TlsReport[]
  /** Undefined without an agent. */
  readonly traffic: TrafficReport | undefined
}

export interface TlsReport {
  /** `OpenSSL`, `GnuTLS`, `Go crypto/tls` ... */
  readonly library: string
  /** As the process names it. */
  readonly file: string
  /** Its plaintext can be read. Undefined: nobody has looked. */
  readonly read: boolean | undefined
  /** Plaintext went through it; undefined: nobody could have seen that. */
  readonly used: boolean | undefined
  /** How it was found, and why it is read or not. */
  readonly why: string
}

export interface TrafficReport {
  /** Spans so far. */
  readonly spans: number
  /** Of connections that have ended. */
  readonly ended: Moved
  /** Of those and of open ones: all since weir first saw the process. */
  readonly moved: Moved
  /** How many of all bytes were on connections that gave spans, 0 to 1; undefined before the first byte. */
  readonly coverage: number | undefined
  /** What gave no span, or explains something: each reason, and how often. */
  readonly reasons: readonly ReasonReport[]
  /** Undefined if it has hit none. */
  readonly probes: ProbeCost | undefined
  /** Of the process itself; what probes took is in it. */
  readonly cpu: CpuShare
  readonly connections: readonly ConnectionReport[]
  readonly routes: number
  /** Segments of paths that were taken for names of things. */
  readonly collapsed: readonly string[]
}

/** Bytes both ways, and how many of them were on connections that gave spans. */
export interface Moved {
  readonly bytes: number
  readonly bytesInSpans: number
}

export interface ReasonReport {
  readonly name: string
  /** As in docs/telemetry.md; 0 for none. */
  readonly number: number
  readonly kind: ReasonKind
  readonly times: number
}

/** Open connections of one kind. */
export interface ConnectionReport {
  readonly role: 'server' | 'client' | 'unknown'
  /** `HTTP/1`, `TLS`, `unknown`. */
  readonly protocol: string
  /** Why there are spans of them, or none. */
  readonly reading: 'spans' | 'none yet' | 'not readable'
  readonly connections: number
  /** Of TLS that is not readable, what both sides said in the clear, in words: `for example.org, TLS 1.3, offers h2`. */
  readonly handshake: string
  /** Moved both ways since they were first seen. */
  readonly bytes: number
}
