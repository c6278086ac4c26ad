import type { Component, Consumer, Context } from '../../pipeline/component.ts'
import { type TraceBatch, traceBatch } from '../../pipeline/data/batch.ts'
import type { ResourceSpans, ScopeSpans } from '../../pipeline/data/traces.ts'
import { timerMs } from '../../pipeline/timer.ts'
import type { GroupByTraceConfig } from './config.ts'

interface Waiting {
  readonly parts: ResourceSpans[]
  readonly timer: NodeJS.Timeout
}

/** The spans of a resource by trace, each with its scope. */
function byTrace(data: ResourceSpans): Map<string, ResourceSpans> {
  const scopes = new Map<string, ScopeSpans[]>()
  for (const scope of data.scopeSpans) {
    for (const [id, spans] of Map.groupBy(scope.spans, (span) => span.traceId)) {
      const known = scopes.get(id) ?? []
      known.push({ ...scope, spans })
      scopes.set(id, known)
    }
  }
  return new Map([...scopes].map(([id, scopeSpans]) => [id, { ...data, scopeSpans }]))
}

/** Each trace goes on as a batch of its own, once, and what comes after that as another one. */
export class GroupByTrace implements Component, Consumer<TraceBatch> {
  readonly #ctx: Context
  readonly #config: GroupByTraceConfig
  readonly #next: Consumer<TraceBatch>
  /** In the order of their first spans. */
  readonly #waiting = new Map<string, Waiting>()
  readonly #underWay = new Set<Promise<void>>()

  constructor(ctx: Context, config: GroupByTraceConfig, next: Consumer<TraceBatch>) {
    this.#ctx = ctx
    this.#config = config
    this.#next = next
    ctx.gauge('traces_in_memory', () => this.#waiting.size)
  }

  start(): Promise<void> {
    return Promise.resolve()
  }

  /** All that waits goes on at once. */
  async shutdown(): Promise<void> {
    for (const id of [...this.#waiting.keys()]) this.#release(id)
    await Promise.all(this.#underWay)
  }

  consume(batch: TraceBatch): Promise<void> {
    for (const data of batch.resources()) {
      for (const [id, part] of byTrace(data)) this.#add(id, part)
    }
    return Promise.resolve()
  }

  #add(id: string, part: ResourceSpans): void {
    const known = this.#waiting.get(id)
    if (known !== undefined) {
      known.parts.push(part)
      return
    }
    if (this.#waiting.size >= this.#config.num_traces) this.#evict()
    const timer = setTimeout(() => this.#release(id), timerMs(this.#config.wait_duration))
    this.#waiting.set(id, { parts: [part], timer })
  }

  #evict(): void {
    const [oldest] = this.#waiting.keys()
    if (oldest === undefined) return
    this.#ctx.count('traces_evicted', 1)
    this.#release(oldest)
  }

  /** The sender was told of success long ago: what is refused now is lost. */
  #release(id: string): void {
    const found = this.#waiting.get(id)
    if (found === undefined) return
    clearTimeout(found.timer)
    this.#waiting.delete(id)
    const batch = traceBatch(found.parts)
    const sent = this.#next.consume(batch, {}).catch((error: unknown) => {
      this.#ctx.count('dropped_refused', batch.count)
      this.#ctx.log.debug('a trace was not taken', { error: String(error) })
    })
    this.#underWay.add(sent)
    void sent.then(() => this.#underWay.delete(sent))
  }
}
