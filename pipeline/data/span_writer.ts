import { encodeResource, encodeScope } from '../codec/encode_common.ts'
import { encodeSpan } from '../codec/encode_traces.ts'
import { ProtobufWriter } from '../codec/protobuf_writer.ts'
import { tracesCodec } from '../codec/signal_codec.ts'
import { len } from '../codec/wire.ts'
import { Batch, type TraceBatch } from './batch.ts'
import type { Resource, Scope } from './resource.ts'
import { EncodedSegment, NO_LOSS } from './segment.ts'
import type { Span } from './traces.ts'

/**
 * Gathers spans of several groups (processes, for one) as bytes. Encoded at once, span and attributes die before the
 * collector of young objects meets them; kept for a batch, they cost more to move about than to make.
 */
export class SpanWriter {
  readonly #spans = new ProtobufWriter()
  readonly #out = new ProtobufWriter()
  /** For each span in `#spans`, its group and where it ends. */
  readonly #groups: number[] = []
  readonly #ends: number[] = []

  add(span: Span, group: number): void {
    encodeSpan(this.#spans, span)
    this.added(group)
  }

  /** Where a span that is encoded by somebody else goes, as field 2 of a ScopeSpans; then it is `added`. */
  get encoded(): ProtobufWriter {
    return this.#spans
  }

  added(group: number): void {
    this.#groups.push(group)
    this.#ends.push(this.#spans.length)
  }

  /** Spans of each group that wait, in the order of their first one. */
  counts(): Map<number, number> {
    const counts = new Map<number, number>()
    for (const group of this.#groups) counts.set(group, (counts.get(group) ?? 0) + 1)
    return counts
  }

  /** Everything, and forgets it: a resource for each group that `resourceOf` knows; spans of others are left out. */
  take(scope: Scope, resourceOf: (group: number) => Resource | undefined): TraceBatch {
    const bytes = this.#spans.toBytes()
    const segments = [...this.counts()].flatMap(([group, count]) => {
      const resource = resourceOf(group)
      if (resource === undefined) return []
      const body = this.#resourceSpans(bytes, group, resource, scope)
      return [new EncodedSegment(tracesCodec, body, count, NO_LOSS)]
    })
    this.#spans.reset()
    this.#groups.length = 0
    this.#ends.length = 0
    return new Batch(tracesCodec, segments)
  }

  /** The body of a ResourceSpans. Source: opentelemetry/proto/trace/v1/trace.proto */
  #resourceSpans(bytes: Uint8Array, group: number, resource: Resource, scope: Scope): Uint8Array {
    const w = this.#out
    w.reset()
    encodeResource(w, len(1), resource)
    const scopeSpans = w.begin(len(2), 3)
    encodeScope(w, len(1), scope)
    this.#copyGroup(bytes, group)
    w.end(scopeSpans, 3)
    return w.toBytes()
  }

  /** Neighbours go in one piece. */
  #copyGroup(bytes: Uint8Array, group: number): void {
    let from = -1
    for (let i = 0; i <= this.#groups.length; i++) {
      const start = this.#ends[i - 1] ?? 0
      const belongs = this.#groups[i] === group
      if (belongs && from < 0) from = start
      else if (!belongs && from >= 0) {
        this.#out.copy(bytes, from, start)
        from = -1
      }
    }
  }
}
