import type { Component, Consumer, Context, Info } from '../../pipeline/component.ts'
import { type Attributes, string } from '../../pipeline/data/attributes.ts'
import { Batch } from '../../pipeline/data/batch.ts'
import type { Segment } from '../../pipeline/data/segment.ts'
import { describe } from '../../pipeline/telemetry/logger.ts'
import { timerMs } from '../../pipeline/timer.ts'
import { type Associated, associate, bareIp, type Miss } from './association.ts'
import type { K8sConfig } from './config.ts'
import { addMissing, enricher } from './enrich.ts'
import type { Needs } from './needs.ts'
import type { Source } from './source.ts'
import { type Guest, WaitingRoom } from './waiting_room.ts'

interface Waiting<R> extends Guest {
  readonly batch: Batch<R>
  readonly segment: Segment<R>
  readonly peer: string
}

const TICK_MS = 250
const WAITS: ReadonlySet<Miss | undefined> = new Set<Miss>([
  'unknown_container',
  'unknown_uid',
  'unknown_name',
  'unknown_association',
])

/** Adds to resources what Kubernetes knows of the pod that they are of. */
export class K8sAttributes<R> implements Component, Consumer<Batch<R>> {
  readonly #ctx: Context
  readonly #config: K8sConfig
  readonly #source: Source
  readonly #next: Consumer<Batch<R>>
  readonly #enrich: ReturnType<typeof enricher>
  readonly #room: WaitingRoom<Waiting<R>>
  #timer: NodeJS.Timeout | undefined
  #looksSoon = false
  #sending: Promise<void> = Promise.resolve()
  #forget: (() => void) | undefined

  constructor(
    ctx: Context,
    config: K8sConfig,
    needs: Needs,
    source: Source,
    next: Consumer<Batch<R>>,
  ) {
    this.#ctx = ctx
    this.#config = config
    this.#source = source
    this.#next = next
    this.#enrich = enricher(config, needs, source)
    this.#room = new WaitingRoom(ctx, config.wait_for_metadata_timeout)
  }

  /** With `wait_for_metadata` not before all pods are known; rejects if that takes too long. */
  async start(): Promise<void> {
    if (this.#config.passthrough || this.#forget !== undefined) return
    this.#source.start()
    this.#forget = this.#source.onChange(() => this.#lookSoon())
    if (!this.#config.wait_for_metadata) return
    const ms = this.#config.wait_for_metadata_timeout
    const { promise, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => reject(new Error('failed to wait for caches to sync: no list of pods')),
      timerMs(ms),
    )
    await Promise.race([this.#source.synced, promise]).finally(() => clearTimeout(timer))
  }

  async consume(batch: Batch<R>, info: Info): Promise<void> {
    const peer = bareIp(info.client?.address ?? '')
    if (this.#config.passthrough) {
      const stamped = batch.mapResources((one) =>
        this.#with(one, this.#stamp(one.attributes, peer)),
      )
      return this.#next.consume(stamped, info)
    }
    const ready = batch.segments.flatMap((segment) => this.#ready(batch, segment, peer))
    if (!this.#room.isEmpty) this.#timer ??= setTimeout(() => this.#tick(), TICK_MS)
    if (ready.length === 0) return
    const same = ready.every((segment, i) => segment === batch.segments[i])
    const isWhole = same && ready.length === batch.segments.length
    await this.#next.consume(isWhole ? batch : new Batch(batch.codec, ready), info)
  }

  /** What waits goes on as it is. */
  async shutdown(deadline: AbortSignal): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#release(true)
    const ended = Promise.withResolvers<void>()
    deadline.addEventListener('abort', () => ended.resolve(), { once: true })
    await Promise.race([this.#sending, ended.promise])
    if (this.#forget === undefined) return
    this.#forget()
    this.#forget = undefined
    await this.#source.stop()
  }

  #with<T extends { readonly attributes: Attributes }>(resource: T, attributes: Attributes): T {
    return attributes === resource.attributes ? resource : { ...resource, attributes }
  }

  #stamp(attributes: Attributes, peer: string): Attributes {
    return peer === '' ? attributes : addMissing(attributes, [string('k8s.pod.ip', peer)])
  }

  #associate(attributes: Attributes, peer: string): Associated {
    return associate(this.#source.pods, this.#config.pod_association, attributes, peer)
  }

  /** The segment with its attributes, as it is, or nothing if it waits. */
  #ready(batch: Batch<R>, segment: Segment<R>, peer: string): readonly Segment<R>[] {
    const associated = this.#associate(segment.resource().attributes, peer)
    const { found, miss, identity = '' } = associated
    const waits = WAITS.has(miss) || (miss === 'unknown_ip' && !this.#source.isSynced)
    if (found === undefined && waits) {
      const guest = { batch, segment, peer, identity, items: segment.count }
      if (this.#room.enter(guest)) return []
    }
    return [this.#completed(segment, associated)]
  }

  #completed(segment: Segment<R>, { found, miss, identity }: Associated): Segment<R> {
    if (found === undefined) {
      this.#ctx.count('k8s_attributes_misses', segment.count, { reason: miss ?? 'no_identity' })
      if (miss === 'unknown_ip') this.#ctx.count('otelsvc_k8s_ip_lookup_miss', 1)
    } else {
      this.#ctx.count('k8s_attributes_hits', segment.count)
    }
    const resource = segment.resource()
    const address =
      this.#config.extract.metadata.includes('k8s.pod.ip') && identity?.startsWith('ip ')
        ? [string('k8s.pod.ip', bareIp(identity.slice(3)))]
        : []
    const more = [...address, ...this.#enrich(found, resource.attributes)]
    const attributes = addMissing(resource.attributes, more)
    if (attributes === resource.attributes) return segment
    return segment.withResource({ ...resource, attributes })
  }

  /** Changes come in crowds: one look for all that came together. */
  #lookSoon(): void {
    if (this.#looksSoon || this.#room.isEmpty) return
    this.#looksSoon = true
    setImmediate(() => {
      this.#looksSoon = false
      this.#release(false)
    })
  }

  #tick(): void {
    this.#timer = undefined
    this.#release(false)
    if (!this.#room.isEmpty) this.#timer = setTimeout(() => this.#tick(), TICK_MS)
  }

  #release(everybody: boolean): void {
    const isAnswered = ({ segment, peer }: Waiting<R>) =>
      this.#associate(segment.resource().attributes, peer).found !== undefined
    const left = this.#room.leave(isAnswered, everybody)
    const [first] = left
    if (first === undefined) return
    const segments = left.map(({ segment, peer }) =>
      this.#completed(segment, this.#associate(segment.resource().attributes, peer)),
    )
    const batch = new Batch(first.batch.codec, segments)
    this.#sending = this.#sending.then(() => this.#send(batch))
  }

  /** Never rejects: the sender has gone on. */
  async #send(batch: Batch<R>): Promise<void> {
    try {
      await this.#next.consume(batch, {})
    } catch (error) {
      this.#ctx.count('dropped_sender_failed', batch.count)
      const fields = { error: describe(error), dropped_items: batch.count }
      this.#ctx.log.warn('Sender failed', fields)
    }
  }
}
