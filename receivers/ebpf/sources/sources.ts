import type { TrapCosts } from '../../../native/trap_cost.ts'
import { messageOf } from '../../../pipeline/message_of.ts'
import type { Process } from '../discovery/process.ts'
import type { ProcessTable } from '../discovery/process_table.ts'
import type { Kernel } from '../kernel.ts'
import type { EbpfOptions } from '../options.ts'
import type { ProcessEvents } from '../process_records.ts'
import { GoSource } from './go.ts'
import { OpensslSource } from './openssl.ts'
import { ProcessSource } from './process.ts'
import type { Degradation, FileReading, Source, SourceHost } from './source.ts'
import { type HookFamily, TcpSource } from './tcp.ts'

/** The sources of one run. That of processes comes first and goes last: its object owns the maps. */
export class Sources {
  readonly #host: SourceHost
  readonly #processes: Source
  readonly #tcp: TcpSource
  readonly #others: readonly Source[]
  readonly #started: Source[] = []
  readonly #failed: Degradation[] = []

  constructor(kernel: Kernel, options: EbpfOptions, host: SourceHost) {
    this.#host = host
    this.#processes = new ProcessSource(() => kernel.load('process'), options.hooks)
    this.#tcp = new TcpSource(
      host,
      {
        programs: () => kernel.programs('tcp'),
        tryProgram: (program) => kernel.tryProgram('tcp', program),
        load: (autoload) => kernel.load('tcp', autoload),
        unload: (object) => kernel.unload(object),
      },
      options.hooks,
    )
    const plaintext = {
      openssl: new OpensslSource(host, () => kernel.load('openssl')),
      go: new GoSource(host, () => kernel.load('go')),
    }
    this.#others = [this.#tcp, ...options.plaintext.map((name) => plaintext[name])]
  }

  /** The hooks by which TCP is seen; undefined before they are attached. */
  get hooks(): HookFamily | undefined {
    return this.#tcp.family
  }

  startProcesses(): void {
    this.#processes.start()
    this.#started.push(this.#processes)
  }

  /** Throws when all of them fail; one that fails alone is a degradation. */
  startOthers(): void {
    const errors: unknown[] = []
    for (const source of this.#others) {
      try {
        source.start()
        this.#started.push(source)
      } catch (error) {
        errors.push(error)
        const cause = messageOf(error)
        this.#failed.push({ feature: `source ${source.name}`, cause, fix: 'see the cause' })
      }
    }
    if (errors.length === this.#others.length) throw errors[0]
  }

  /** Settles when what was started is attached. */
  async ready(): Promise<void> {
    await Promise.all(this.#started.map((source) => source.ready?.()))
  }

  degraded(): readonly Degradation[] {
    return [...this.#failed, ...this.#started.flatMap((source) => source.degraded())]
  }

  /** Files with what a source looks for in them: of all sources. */
  probed(): ReadonlyMap<string, FileReading> {
    return new Map(this.#started.flatMap((source) => [...(source.probed?.() ?? [])]))
  }

  /** What the ring of processes says goes to the table, and from there to the sources. */
  follow(processes: ProcessTable): ProcessEvents {
    return {
      executed: (process) => {
        const { decision } = processes.executed(process)
        if (decision.selected) this.#each((source) => source.processStarted?.(process))
      },
      forked: (tgid, parent, startedNs) => processes.forked(tgid, parent, startedNs),
      exited: (tgid, exitCode) => {
        const known = exitCode === 0 ? undefined : processes.find(tgid)
        processes.exited(tgid)
        if (known === undefined) return
        this.#each((source) => source.processFailed?.(known.process, exitCode))
      },
      listens: (tgid, port) => {
        const before = this.#host.watched(tgid)
        processes.listens(tgid, port)
        if (before || !this.#host.watched(tgid)) return
        const known = processes.find(tgid)
        if (known) this.#each((source) => source.processStarted?.(known.process))
      },
      // Also of a process that is no longer watched: the file is told of once, and others may map it.
      mapped: (mapping) => this.#each((source) => source.fileMapped?.(mapping)),
    }
  }

  /** Takes the probes out of the files of a process. Returns the names of those that had some. */
  overRate(process: Process, why: string): readonly string[] {
    return this.#started.flatMap((source) => source.processOverRate?.(process, why) ?? [])
  }

  /** What it costs to pass a probe on this machine; undefined where no source can say it. */
  trapCosts(): TrapCosts | undefined {
    for (const source of this.#started) {
      try {
        const costs = source.trapCosts?.()
        if (costs !== undefined) return costs
      } catch (error) {
        const cause = messageOf(error)
        this.#host.log.debug(`measure the cost of a probe by source ${source.name}: ${cause}`)
      }
    }
    return undefined
  }

  /** Processes have come to be watched while they run. */
  watch(processes: readonly Process[]): void {
    for (const process of processes) this.#each((source) => source.processStarted?.(process))
  }

  /** Bytes stop to come; the maps stay. */
  stopOthers(): void {
    for (const source of this.#others.toReversed()) source.stop()
  }

  stop(): void {
    this.stopOthers()
    this.#processes.stop()
  }

  #each(call: (source: Source) => void): void {
    for (const source of this.#started) call(source)
  }
}
