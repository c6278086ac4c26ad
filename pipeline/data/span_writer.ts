import { encodeResource, encodeScope } from '../codec/encode_common.ts'
import { encodeSpan } from '../codec/encode_traces.ts'
import { ProtobufWriter } from '../codec/protobuf_writer.ts'
import { tracesCodec } from '../codec/signal_codec.ts'
import { len } from '../codec/wire.ts'
import { Batch, type TraceBatch } from './batch.ts'
import type { Resource, Scope } from './resource.ts'
import { EncodedSegment, NO_LOSS } from './segment.ts'
import type { ResourceSpans, Span } from './traces.ts'

interface Run {
  readonly group: number
  count: number
  /** Where the last one ends. */
  end: number
}

/**
 * Gathers spans of several groups (processes, for one) as bytes. Encoded at once, span and attributes die before the
 * collector of young objects meets them; kept for a batch, they cost more to move about than to make.
 */
export class SpanWriter {
  readonly #spans = new ProtobufWriter()
  readonly #out = new ProtobufWriter()
  /** Neighbours of one group in `#spans`. */
  readonly #runs: Run[] = []
  /** As bytes: each is in every batch of its process. */
  readonly #resources = new WeakMap<Resource, Uint8Array>()
  #scope: { readonly of: Scope; readonly bytes: Uint8Array } | undefined

  /** Bytes of the spans that wait. */
  get bytes(): number {
    return this.#spans.length
  }

  add(span: Span, group: number): void {
    encodeSpan(this.#spans, span)
    this.added(group)
  }

  /** Where a span that is encoded by somebody else goes, as field 2 of a ScopeSpans; then it is `added`. */
  get encoded(): ProtobufWriter {
    return this.#spans
  }

  added(group: number): void {
    const run = this.#runs.at(-1)
    if (run?.group === group) {
      run.count++
      run.end = this.#spans.length
    } else this.#runs.push({ group, count: 1, end: this.#spans.length })
  }

  /** Spans of each group that wait, in the order of their first one. */
  counts(): ReadonlyMap<number, number> {
    const counts = new Map<number, number>()
    for (const { group, count } of this.#runs) counts.set(group, (counts.get(group) ?? 0) + count)
    return counts
  }

  /**
   * Everything, and forgets it: a resource for each group that `resourceOf` knows; spans of others are left out, but those of which it says
   * `later` stay.
   */
  take(scope: Scope, resourceOf: (group: number) => Resource | 'later' | undefined): TraceBatch {
    const segments: EncodedSegment<ResourceSpans>[] = []
    const later = new Set<number>()
    for (const [group, count] of this.counts()) {
      const resource = resourceOf(group)
      if (resource === 'later') later.add(group)
      if (resource === undefined || resource === 'later') continue
      const body = this.#resourceSpans(group, resource, scope)
      segments.push(new EncodedSegment(tracesCodec, body, count, NO_LOSS))
    }
    this.#keep(later)
    return new Batch(tracesCodec, segments)
  }

  /** Forgets all other groups. */
  #keep(kept: ReadonlySet<number>): void {
    const runs = this.#runs.splice(0)
    if (kept.size === 0) {
      this.#spans.reset()
      return
    }
    const bytes = this.#spans.toBytes()
    this.#spans.reset()
    let start = 0
    for (const { group, count, end } of runs) {
      if (kept.has(group)) {
        this.#spans.raw(bytes.subarray(start, end))
        this.#runs.push({ group, count, end: this.#spans.length })
      }
      start = end
    }
  }

  /** The body of a ResourceSpans. Source: opentelemetry/proto/trace/v1/trace.proto */
  #resourceSpans(group: number, resource: Resource, scope: Scope): Uint8Array {
    const resourceBytes = this.#resourceBytes(resource)
    const scopeBytes = this.#scopeBytes(scope)
    const w = this.#out
    w.reset()
    w.raw(resourceBytes)
    const scopeSpans = w.begin(len(2), 3)
    w.raw(scopeBytes)
    this.#copyGroup(group)
    w.end(scopeSpans, 3)
    return w.toBytes()
  }

  #resourceBytes(resource: Resource): Uint8Array {
    const known = this.#resources.get(resource)
    if (known !== undefined) return known
    this.#out.reset()
    encodeResource(this.#out, len(1), resource)
    const bytes = this.#out.toBytes()
    this.#resources.set(resource, bytes)
    return bytes
  }

  #scopeBytes(scope: Scope): Uint8Array {
    if (this.#scope?.of === scope) return this.#scope.bytes
    this.#out.reset()
    encodeScope(this.#out, len(1), scope)
    const bytes = this.#out.toBytes()
    this.#scope = { of: scope, bytes }
    return bytes
  }

  #copyGroup(group: number): void {
    let start = 0
    for (const run of this.#runs) {
      if (run.group === group) this.#out.append(this.#spans, start, run.end)
      start = run.end
    }
  }
}
