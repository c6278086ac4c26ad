import type { TraceBatch } from '../../pipeline/data/batch.ts'
import type { Resource, Scope } from '../../pipeline/data/resource.ts'
import { SpanWriter } from '../../pipeline/data/span_writer.ts'
import type { Span } from '../../pipeline/data/traces.ts'
import type { Counters } from './counters.ts'
import type { Process } from './discovery/process.ts'
import type { KnownProcess } from './discovery/process_table.ts'

/** Spans of one drain, until it is known whose they are: records of processes are read before they leave. */
export class PendingSpans {
  readonly #spans = new SpanWriter()
  readonly #resources = new WeakMap<Process, Resource>()
  readonly #scope: Scope
  readonly #resourceOf: (process: Process) => Resource

  constructor(scope: Scope, resourceOf: (process: Process) => Resource) {
    this.#scope = scope
    this.#resourceOf = resourceOf
  }

  add(span: Span, tgid: number): void {
    this.#spans.add(span, tgid)
  }

  /** All spans of watched processes as one batch, a resource for each process; the others are counted. */
  take(
    find: (tgid: number) => KnownProcess | undefined,
    counters: Counters,
  ): TraceBatch | undefined {
    const counts = this.#spans.counts()
    if (counts.size === 0) return undefined
    const batch = this.#spans.take(this.#scope, (tgid) => {
      const known = find(tgid)
      if (known === undefined) counters.add('process_unknown')
      if (known?.decision.selected !== false) return this.#resource(known?.process, tgid)
      counters.add('not_selected', counts.get(tgid))
      return undefined
    })
    return batch.count === 0 ? undefined : batch
  }

  #resource(known: Process | undefined, tgid: number): Resource {
    const process = known ?? unknownProcess(tgid)
    const made = this.#resources.get(process) ?? this.#resourceOf(process)
    this.#resources.set(process, made)
    return made
  }
}

/** Nothing but its id is known. `unknown_service` is what OpenTelemetry prescribes. */
const unknownProcess = (tgid: number): Process => ({
  tgid,
  parent: 0,
  startedNs: 0,
  comm: 'unknown_service',
  exePath: '',
  args: [],
  env: new Map(),
})
