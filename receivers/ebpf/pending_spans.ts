import { type TraceBatch, traceBatch } from '../../pipeline/data/batch.ts'
import type { Resource, Scope } from '../../pipeline/data/resource.ts'
import type { ResourceSpans, Span } from '../../pipeline/data/traces.ts'
import type { Counters } from './counters.ts'
import type { Process } from './discovery/process.ts'
import type { KnownProcess } from './discovery/process_table.ts'

/** Spans of one drain, until it is known whose they are: records of processes are read before they leave. */
export class PendingSpans {
  readonly #byTgid = new Map<number, Span[]>()
  readonly #resources = new WeakMap<Process, Resource>()
  readonly #scope: Scope
  readonly #resourceOf: (process: Process) => Resource

  constructor(scope: Scope, resourceOf: (process: Process) => Resource) {
    this.#scope = scope
    this.#resourceOf = resourceOf
  }

  add(span: Span, tgid: number): void {
    const spans = this.#byTgid.get(tgid)
    if (spans === undefined) this.#byTgid.set(tgid, [span])
    else spans.push(span)
  }

  /** All spans of watched processes as one batch, a resource for each process; the others are counted. */
  take(
    find: (tgid: number) => KnownProcess | undefined,
    counters: Counters,
  ): TraceBatch | undefined {
    if (this.#byTgid.size === 0) return undefined
    const resources: ResourceSpans[] = []
    for (const [tgid, spans] of this.#byTgid) {
      const known = find(tgid)
      if (known?.decision.selected === false) {
        counters.add('not_selected', spans.length)
        continue
      }
      if (known === undefined) counters.add('process_unknown')
      resources.push(this.#group(known?.process ?? unknownProcess(tgid), spans))
    }
    this.#byTgid.clear()
    return resources.length === 0 ? undefined : traceBatch(resources)
  }

  #group(process: Process, spans: readonly Span[]): ResourceSpans {
    let resource = this.#resources.get(process)
    if (resource === undefined) {
      resource = this.#resourceOf(process)
      this.#resources.set(process, resource)
    }
    return { resource, scopeSpans: [{ scope: this.#scope, spans, schemaUrl: '' }], schemaUrl: '' }
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
