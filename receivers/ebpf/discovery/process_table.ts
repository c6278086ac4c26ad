import type { Role } from '../role.ts'
import { AwaitedPods, NO_PODS } from './awaited_pods.ts'
import type { Cgroup } from './cgroup.ts'
import { type Listener, listenersAround, netnsOf, portsHeld } from './listeners.ts'
import { OtlpExporters } from './otlp_exporters.ts'
import { type KnownProcess, type Process, unknownProcess } from './process.ts'
import type { ProcessTableOptions } from './process_table_options.ts'
import { listTgids, readExePath, readProcess } from './procfs.ts'
import { isWorker } from './script.ts'
import type { Selection } from './selection.ts'

interface Entry extends KnownProcess {
  ports: Set<number>
  endedNs: number | undefined
}

/** Above pid_max of most hosts; what ended goes first. */
const MAX_PROCESSES = 65_536
/** How long what ended is remembered once all that it wrote has been read: a span may have to wait. */
const REMEMBER_NS = 5e9
const NO_PORTS: ReadonlySet<number> = new Set()
const NOBODY: readonly Process[] = []

/**
 * Every process of the host, from the kernel's exec, fork, exit and listen records and one scan of /proc at start.
 * Every process in it has a decision, and the kernel knows that decision.
 */
export class ProcessTable {
  readonly #entries = new Map<number, Entry>()
  readonly #ended: number[] = []
  readonly #options: ProcessTableOptions
  readonly #exporters = new OtlpExporters()
  readonly #awaited: AwaitedPods
  #selection: Selection

  constructor(options: ProcessTableOptions) {
    this.#options = options
    this.#selection = options.selection
    this.#awaited = new AwaitedPods(options.pods ?? NO_PODS)
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

  /** With those that have ended and are not forgotten yet. */
  remembered(): Iterable<KnownProcess> {
    return this.#entries.values()
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

  /** Who gave a record. What ended before anything was known of it is judged by that alone, and remembered as ended. */
  judged(tgid: number): KnownProcess {
    const known = this.find(tgid)
    if (known !== undefined) return known
    this.#options.count('process_unknown')
    const entry = this.#enter(unknownProcess(tgid), NO_PORTS, false)
    this.exited(tgid)
    return entry
  }

  /** Decides anew about all that run, by other rules. Returns those that have come to be watched. */
  select(selection: Selection): readonly Process[] {
    this.#selection = selection
    return this.#decideAnew(() => true)
  }

  /** Kubernetes has told of pods. Returns the processes that have come to be watched by that. */
  podsChanged(isOf: (cgroup: Cgroup) => boolean): readonly Process[] {
    return this.#decideAnew(
      ({ process: { tgid, cgroup } }) => isOf(cgroup) || this.#awaited.has(tgid),
    )
  }

  /** Parents first: children may be chosen by them. */
  #decideAnew(isMeant: (entry: Entry) => boolean): readonly Process[] {
    const before = new Map(
      [...this.#entries].filter(([, entry]) => {
        return (entry.endedNs === undefined || entry.decision.awaitsPod) && isMeant(entry)
      }),
    )
    const decided = new Set<number>()
    const decide = (tgid: number) => {
      const entry = before.get(tgid)
      if (entry === undefined || decided.has(tgid)) return
      decided.add(tgid)
      decide(entry.process.parent)
      this.#again(entry)
    }
    for (const tgid of before.keys()) decide(tgid)
    return [...before].flatMap(([tgid, { process, decision }]) => {
      const now = this.#entries.get(tgid)
      const isNew = now?.endedNs === undefined && now?.decision.selected && !decision.selected
      return isNew ? [process] : []
    })
  }

  /** What has ended is nothing for the kernel any more. */
  #again({ process, forked, ports, endedNs }: Entry): void {
    if (endedNs === undefined) this.#enter(process, this.#portsOf(process.tgid), forked)
    else this.#entries.set(process.tgid, this.#entryOf(process, ports, forked, endedNs))
  }

  executed(process: Process): KnownProcess {
    const before = this.#entries.get(process.tgid)
    const inherits = before !== undefined && before.ports.size > 0
    this.#exporters.forget(process.tgid)
    this.#awaited.delete(process.tgid)
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
    const process = { ...from.process, tgid, parent, startedNs, cpuBeforeNs: 0 }
    this.#enter(process, from.ports, true, true)
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

  /**
   * Forgets what ended a while ago, and decides anew about what makes its own traces, or has waited long enough for its pod.
   * Returns those that have come to be watched. What was written until `readNs` has been read: of who ended later, records may
   * still wait in a ring, for long where the agent gets too little of a CPU.
   */
  tidy(readNs: number): readonly Process[] {
    this.#excludeExporters()
    this.#forgetEnded(readNs - REMEMBER_NS)
    return this.settle(this.#options.nowNs())
  }

  /** Whoever has waited for its pod until then waits no more. Returns those that have come to be watched. */
  settle(untilNs: number): readonly Process[] {
    const due = new Set(this.#awaited.due(untilNs))
    if (due.size === 0) return NOBODY
    for (const tgid of due) {
      const entry = this.#entries.get(tgid)
      if (entry === undefined) continue
      this.#options.count('pod_unknown')
      this.#awaited.missed(entry.process, this.#options.nowNs())
    }
    return this.#decideAnew(({ process }) => due.has(process.tgid))
  }

  #forgetEnded(before: number): void {
    while (this.#ended.length > 0) {
      const tgid = this.#ended[0] ?? 0
      const entry = this.#entries.get(tgid)
      const gone = entry?.endedNs !== undefined
      if (gone && ((entry.endedNs ?? 0) > before || this.#awaited.has(tgid))) return
      this.#ended.shift()
      if (gone) this.#forget(tgid)
    }
  }

  #forget(tgid: number): void {
    const entry = this.#entries.get(tgid)
    if (entry === undefined) return
    this.#options.left?.(entry)
    this.#awaited.delete(tgid)
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

  #enter(process: Process, ports: ReadonlySet<number>, forked: boolean, isNew = false): Entry {
    if (this.#entries.size >= MAX_PROCESSES && !this.#entries.has(process.tgid)) this.#makeRoom()
    const entry = this.#entryOf(process, ports, forked, undefined)
    const { decisions } = this.#options
    if (isNew) decisions.setForked(process.tgid, entry.decision)
    else decisions.set(process.tgid, entry.decision)
    this.#entries.set(process.tgid, entry)
    return entry
  }

  #entryOf(
    process: Process,
    ports: ReadonlySet<number>,
    forked: boolean,
    endedNs: number | undefined,
  ): Entry {
    const { descriptions, nowNs, count } = this.#options
    const pod = this.#awaited.podOf(process, nowNs())
    const decision = this.#selection.decide(process, {
      ports,
      pod,
      parent: this.#entries.get(process.parent)?.decision,
      exportsOtlp: this.#exporters.has(process.tgid),
      describe: () => descriptions.of(process),
    })
    if (!decision.awaitsPod) this.#awaited.delete(process.tgid)
    else if (this.#awaited.add(process.tgid, nowNs())) count('pod_awaited')
    const known = pod === 'awaited' ? undefined : pod
    const maker = this.#makerOf(process)
    return { process, decision, forked, ports: new Set(ports), endedNs, pod: known, maker }
  }

  #makerOf(process: Process): Process | undefined {
    if (!isWorker(process)) return undefined
    const parent = this.#entries.get(process.parent)
    return parent?.maker ?? parent?.process
  }

  #makeRoom(): void {
    this.#options.count('process_table_full')
    const oldest = this.#ended.shift() ?? this.#entries.keys().next().value
    if (oldest !== undefined) this.#forget(oldest)
  }
}
