import type { Role } from '../protocol.ts'
import type { ReasonName } from '../reasons.ts'
import type { Decisions } from './decisions.ts'
import type { Descriptions } from './description.ts'
import { type Listener, listenersAround, netnsOf, portsHeld } from './listeners.ts'
import { OtlpExporters } from './otlp_exporters.ts'
import type { Decision, Process } from './process.ts'
import { listTgids, readExePath, readProcess } from './procfs.ts'
import type { Selection } from './selection.ts'

/** What the table tells of one process. */
export interface KnownProcess {
  readonly process: Process
  readonly decision: Decision
  /** Made by a fork, and no program executed since: an exec record may be on its way. */
  readonly forked: boolean
}

interface Entry extends KnownProcess {
  ports: Set<number>
  endedNs: number | undefined
}

/** What the table needs to know of the world. */
export interface ProcessTableOptions {
  readonly selection: Selection
  readonly decisions: Decisions
  readonly descriptions: Descriptions
  readonly epochBootNs: bigint
  readonly nowNs: () => number
  readonly count: (reason: ReasonName) => void
  /** A process has ended, and is about to be forgotten. */
  readonly left?: (known: KnownProcess) => void
}

/** Above pid_max of most hosts; what ended goes first. */
const MAX_PROCESSES = 65_536
/** How long what ended is remembered: its last records may still wait in a ring. */
const REMEMBER_NS = 5e9
const NO_PORTS: ReadonlySet<number> = new Set()

/**
 * Every process of the host, from the kernel's exec, fork, exit and listen records and one scan of /proc at start.
 * Every process in it has a decision, and the kernel knows that decision.
 */
export class ProcessTable {
  readonly #entries = new Map<number, Entry>()
  readonly #ended: number[] = []
  readonly #options: ProcessTableOptions
  readonly #exporters = new OtlpExporters()
  #selection: Selection

  constructor(options: ProcessTableOptions) {
    this.#options = options
    this.#selection = options.selection
  }

  /** Enters all that run now. Returns what listens in each network namespace: by inode number of the namespace. */
  scan(): ReadonlyMap<number, readonly Listener[]> {
    const byNetns = new Map<number, readonly Listener[]>()
    for (const tgid of listTgids()) {
      const process = readProcess(tgid, this.#options.epochBootNs)
      if (process === undefined || process.exePath === '') continue
      const netns = netnsOf(tgid)
      const listeners = byNetns.get(netns) ?? listenersAround(tgid)
      byNetns.set(netns, listeners)
      this.#enter(process, this.#portsOf(tgid, listeners), false)
    }
    return byNetns
  }

  /** Looks, once records were lost, for processes that run what is not known of them. Returns those. */
  rescan(): readonly Process[] {
    const running = new Set(listTgids())
    for (const { process } of this) if (!running.has(process.tgid)) this.exited(process.tgid)
    return [...running].flatMap((tgid) => {
      const known = this.#entries.get(tgid)
      const exePath = readExePath(tgid)
      const same = known?.endedNs === undefined && known?.process.exePath === exePath
      if (exePath === '' || same) return []
      const process = readProcess(tgid, this.#options.epochBootNs)
      return process === undefined ? [] : this.#enter(process, this.#portsOf(tgid), false).process
    })
  }

  *[Symbol.iterator](): Generator<KnownProcess> {
    for (const entry of this.#entries.values()) if (entry.endedNs === undefined) yield entry
  }

  get size(): number {
    return this.#entries.size
  }

  /** From the table, else from /proc; undefined when both know nothing. */
  find(tgid: number): KnownProcess | undefined {
    const known = this.#entries.get(tgid)
    if (known !== undefined) return known
    const process = readProcess(tgid, this.#options.epochBootNs)
    return process === undefined ? undefined : this.#enter(process, this.#portsOf(tgid), false)
  }

  /** Decides anew about all that run, parents first, by other rules. Returns those that have come to be watched. */
  select(selection: Selection): readonly Process[] {
    this.#selection = selection
    const before = new Map([...this].map((known) => [known.process.tgid, known]))
    const decided = new Set<number>()
    const decide = (tgid: number) => {
      const known = before.get(tgid)
      if (known === undefined || decided.has(tgid)) return
      decided.add(tgid)
      decide(known.process.parent)
      this.#enter(known.process, this.#portsOf(tgid), known.forked)
    }
    for (const tgid of before.keys()) decide(tgid)
    const watched = [...this].filter(({ decision }) => decision.selected)
    const isNew = (tgid: number) => before.get(tgid)?.decision.selected !== true
    return watched.map(({ process }) => process).filter(({ tgid }) => isNew(tgid))
  }

  executed(process: Process): KnownProcess {
    const before = this.#entries.get(process.tgid)
    const inherits = before !== undefined && before.ports.size > 0
    this.#exporters.forget(process.tgid)
    return this.#enter(
      this.#withCgroup(process),
      inherits ? this.#portsOf(process.tgid) : NO_PORTS,
      false,
    )
  }

  forked(tgid: number, parent: number, startedNs: number): void {
    const from = this.#entries.get(parent)
    if (this.#entries.get(tgid)?.endedNs !== undefined) this.#forget(tgid)
    if (from === undefined) return // find() will ask /proc, should it ever move a byte
    this.#enter({ ...from.process, tgid, parent, startedNs }, from.ports, true)
  }

  exited(tgid: number): void {
    this.#options.decisions.clear(tgid)
    this.#exporters.forget(tgid)
    const entry = this.#entries.get(tgid)
    if (entry === undefined || entry.endedNs !== undefined) return
    entry.endedNs = this.#options.nowNs()
    this.#ended.push(tgid)
  }

  listens(tgid: number, port: number): void {
    if (!this.#selection.looksAtPorts) return
    this.find(tgid)
    const entry = this.#entries.get(tgid)
    if (entry === undefined) return
    this.#enter(entry.process, new Set([...entry.ports, port]), entry.forked)
  }

  /** It has sent traces of its own by OTLP, and they were taken; or, as a server, took those of others. */
  movedOtlpTraces(tgid: number, role: Role): void {
    if (role === 'server') this.#exporters.served(tgid)
    else this.#exporters.exported(tgid, this.#options.nowNs())
  }

  /** Forgets what ended a while ago, and decides anew about what makes its own traces. */
  tidy(): void {
    this.#excludeExporters()
    const before = this.#options.nowNs() - REMEMBER_NS
    while (this.#ended.length > 0) {
      const tgid = this.#ended[0] ?? 0
      const entry = this.#entries.get(tgid)
      const gone = entry?.endedNs !== undefined
      if (gone && (entry.endedNs ?? 0) > before) return
      this.#ended.shift()
      if (gone) this.#forget(tgid)
    }
  }

  #forget(tgid: number): void {
    const entry = this.#entries.get(tgid)
    if (entry === undefined) return
    this.#options.left?.(entry)
    this.#entries.delete(tgid)
  }

  #excludeExporters(): void {
    for (const tgid of this.#exporters.due(this.#options.nowNs())) {
      const entry = this.#entries.get(tgid)
      if (entry !== undefined && entry.endedNs === undefined) {
        this.#enter(entry.process, entry.ports, entry.forked)
      }
    }
  }

  /** What ended before anyone looked was where its parent is: a control group is inherited. */
  #withCgroup(process: Process): Process {
    if (process.cgroup.path !== '') return process
    const cgroup = this.#entries.get(process.parent)?.process.cgroup
    return cgroup === undefined ? process : { ...process, cgroup }
  }

  #portsOf(tgid: number, listeners?: readonly Listener[]): ReadonlySet<number> {
    if (!this.#selection.looksAtPorts) return NO_PORTS
    return portsHeld(tgid, listeners ?? listenersAround(tgid))
  }

  #enter(process: Process, ports: ReadonlySet<number>, forked: boolean): Entry {
    if (this.#entries.size >= MAX_PROCESSES && !this.#entries.has(process.tgid)) this.#makeRoom()
    const decision = this.#selection.decide(process, {
      ports,
      parent: this.#entries.get(process.parent)?.decision,
      exportsOtlp: this.#exporters.has(process.tgid),
      describe: () => this.#options.descriptions.of(process),
    })
    this.#options.decisions.set(process.tgid, decision)
    const entry = { process, decision, forked, ports: new Set(ports), endedNs: undefined }
    this.#entries.set(process.tgid, entry)
    return entry
  }

  #makeRoom(): void {
    this.#options.count('process_table_full')
    const oldest = this.#ended.shift() ?? this.#entries.keys().next().value
    if (oldest !== undefined) this.#forget(oldest)
  }
}
