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
  /** Features that this kernel does not give, and why. */
  readonly missing: readonly string[]
}

export interface ProcessReport {
  readonly pid: number
  readonly parent: number
  readonly executable: string
  readonly buildId: string
  readonly arguments: readonly string[]
  readonly selected: boolean
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
  /** How it was found, and why it is read or not. */
  readonly why: string
}

export interface TrafficReport {
  /** Spans so far. */
  readonly spans: number
  readonly connections: readonly ConnectionReport[]
  readonly routes: number
  /** Segments of paths that were taken for names of things. */
  readonly collapsed: readonly string[]
}

/** Open connections of one kind. */
export interface ConnectionReport {
  readonly role: 'server' | 'client' | 'unknown'
  /** `HTTP/1`, `TLS`, `unknown`. */
  readonly protocol: string
  /** Why there are spans of them, or none. */
  readonly reading: 'spans' | 'none yet' | 'not readable'
  readonly connections: number
  /** Moved both ways since they were first seen. */
  readonly bytes: number
}
