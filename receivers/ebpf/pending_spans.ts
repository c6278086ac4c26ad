import type { ProtobufWriter } from '../../pipeline/codec/protobuf_writer.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import type { Resource, Scope } from '../../pipeline/data/resource.ts'
import { SpanWriter } from '../../pipeline/data/span_writer.ts'
import type { Span } from '../../pipeline/data/traces.ts'
import type { Counters } from './counters.ts'
import { NO_CGROUP } from './discovery/cgroup.ts'
import { DEFAULT_SETTINGS } from './discovery/process.ts'
import type { KnownProcess } from './discovery/process_table.ts'

/** Spans until it is known whose they are: records of processes are read before they leave. */
export class PendingSpans {
  readonly #spans = new SpanWriter()
  readonly #resources = new WeakMap<KnownProcess, Resource>()
  readonly #scope: Scope
  readonly #resourceOf: (known: KnownProcess) => Resource

  constructor(scope: Scope, resourceOf: (known: KnownProcess) => Resource) {
    this.#scope = scope
    this.#resourceOf = resourceOf
  }

  add(span: Span, tgid: number): void {
    this.#spans.add(span, tgid)
  }

  /** As SpanWriter has it. */
  get encoded(): ProtobufWriter {
    return this.#spans.encoded
  }

  added(tgid: number): void {
    this.#spans.added(tgid)
  }

  get bytes(): number {
    return this.#spans.bytes
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
      if (known?.decision.selected !== false) return this.#resource(known, tgid)
      counters.add('not_selected', counts.get(tgid))
      return undefined
    })
    return batch.count === 0 ? undefined : batch
  }

  #resource(known: KnownProcess | undefined, tgid: number): Resource {
    if (known === undefined) return this.#resourceOf(unknownProcess(tgid))
    const made = this.#resources.get(known) ?? this.#resourceOf(known)
    this.#resources.set(known, made)
    return made
  }
}

/** Nothing but its id is known. `unknown_service` is what OpenTelemetry prescribes. */
const unknownProcess = (tgid: number): KnownProcess => ({
  process: {
    tgid,
    parent: 0,
    startedNs: 0,
    comm: 'unknown_service',
    exePath: '',
    args: [],
    env: new Map(),
    cgroup: NO_CGROUP,
  },
  decision: { selected: true, rule: '', chosenBy: '', settings: DEFAULT_SETTINGS },
  forked: false,
})
