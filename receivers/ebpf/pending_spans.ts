import type { ProtobufWriter } from '../../pipeline/codec/protobuf_writer.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import type { Resource, Scope } from '../../pipeline/data/resource.ts'
import { SpanWriter } from '../../pipeline/data/span_writer.ts'
import type { Span } from '../../pipeline/data/traces.ts'
import type { KnownProcess } from './discovery/process.ts'
import type { ReasonName } from './reasons.ts'

/** Bytes of spans that may wait for what Kubernetes tells: what comes beyond is lost, and counted. */
const AWAITING_MAX = 2 << 20

/** Hears of spans that are not to leave. */
export interface TakeListener {
  dropped(tgid: number, reason: ReasonName, spans: number): void
}

/** Spans until it is known whose they are: records of processes are read before they leave. */
export class PendingSpans {
  readonly #spans = new SpanWriter()
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

  /** All spans of watched processes as one batch, a resource for each process; the others are told of. Of undecided ones they stay. */
  take(find: (tgid: number) => KnownProcess, listener: TakeListener): TraceBatch | undefined {
    const counts = this.#spans.counts()
    if (counts.size === 0) return undefined
    const mayStay = this.#spans.bytes <= AWAITING_MAX
    const batch = this.#spans.take(this.#scope, (tgid) => {
      const known = find(tgid)
      const awaits = known.decision.awaitsPod === true
      if (awaits && mayStay) return 'later'
      const reason = awaits ? 'pod_wait_full' : unwanted(known)
      if (reason === undefined) return this.#resourceOf(known)
      listener.dropped(tgid, reason, counts.get(tgid) ?? 0)
      return undefined
    })
    return batch.count === 0 ? undefined : batch
  }
}

function unwanted({ decision }: KnownProcess): ReasonName | undefined {
  if (!decision.selected) return 'not_selected'
  return decision.settings.exportsTraces ? undefined : 'metrics_only'
}
