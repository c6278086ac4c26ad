import { attribute } from '../../../pipeline/data/attributes.ts'
import type { ResourceMetrics } from '../../../pipeline/data/metrics.ts'
import type { Resource, Scope } from '../../../pipeline/data/resource.ts'
import { type UnixTime, wallTime } from '../../../pipeline/data/time.ts'
import type { Span } from '../../../pipeline/data/traces.ts'
import { attributesKey } from '../../../pipeline/metrics/identity.ts'
import { ResourceTable } from '../../../pipeline/metrics/resource_table.ts'
import { exemplify } from '../../../pipeline/metrics/series.ts'
import type { KnownProcess } from '../discovery/process.ts'
import { ATTR_HTTP_REQUEST_BODY_SIZE, ATTR_HTTP_RESPONSE_BODY_SIZE } from '../semconv.ts'
import { CountedResource } from './counted_resource.ts'
import type { MetricsRules } from './fields.ts'
import { instrumentOf } from './instruments.ts'
import { LabelBook, type Labels } from './labels.ts'
import { messagesOf } from './messages.ts'

/** The span that an exemplar names. */
export interface Example {
  readonly traceId: string
  readonly spanId: string
  readonly time: UnixTime
}

/** Of `#numbers`, for each exchange: process, seconds, sizes of the bodies or messages there and back. */
const FIELDS = 4
const FIRST_ROOM = 1024
/** Exchanges that may wait for what Kubernetes tells of their processes. */
const AWAITING_MAX = 16_384

export interface RecorderOptions {
  readonly rules: MetricsRules
  readonly scope: Scope
  /** Milliseconds, monotonic. */
  readonly now: () => number
  readonly resourceOf: (known: KnownProcess) => Resource
  readonly onResourceDropped: () => void
  /** Of an exchange that is not counted since too many wait for pods. */
  readonly onAwaitingFull: () => void
  /** An exchange of a process that is not watched or has no metrics. */
  readonly onNotMeasured: (tgid: number) => void
}

/**
 * Counts every exchange, sampled or not. Whose it is is known a moment later, as with spans: until `settle` it waits, as
 * five numbers.
 */
export class Recorder {
  readonly labels: LabelBook
  /** Whether exemplars are wanted. */
  readonly names: boolean
  readonly #options: RecorderOptions
  readonly #resources: ResourceTable<CountedResource>
  readonly #keys = new WeakMap<Resource, string>()
  #count = 0
  readonly #labels: Labels[] = []
  readonly #examples: (Example | undefined)[] = []
  #numbers = new Float64Array(FIELDS * FIRST_ROOM)

  constructor(options: RecorderOptions) {
    const { rules } = options
    this.#options = options
    this.labels = new LabelBook(rules.dimensions, rules.excluded)
    this.names = rules.exemplars > 0
    this.#resources = new ResourceTable(rules.resourcesMax, options.onResourceDropped)
  }

  /** Series of all resources. */
  get size(): number {
    return [...this.#resources].reduce((sum, one) => sum + one.size, 0)
  }

  /** What its span says; `isSampled`: the span leaves, too. */
  span(span: Span, tgid: number, isSampled: boolean): void {
    const { attributes, start, end, traceId, spanId } = span
    const instrument = instrumentOf(span.kind, attributes)
    if (instrument === undefined) return
    const bytes = (key: string) => {
      const size = attribute(attributes, key)
      return size?.kind === 'int' ? Number(size.value) : -1
    }
    const [there, back] =
      instrument.messages === undefined
        ? [bytes(ATTR_HTTP_REQUEST_BODY_SIZE), bytes(ATTR_HTTP_RESPONSE_BODY_SIZE)]
        : messagesOf(attributes)
    this.add(
      this.labels.of(instrument, attributes),
      tgid,
      Math.max(0, end[0] - start[0] + (end[1] - start[1]) / 1e9),
      there,
      back,
      isSampled && this.names ? { traceId, spanId, time: end } : undefined,
    )
  }

  /** One exchange; sizes below 0 are not known. Of messages: how many were sent, and consumed. */
  add(
    labels: Labels,
    tgid: number,
    seconds: number,
    requestBytes: number,
    responseBytes: number,
    example: Example | undefined,
  ): void {
    const at = FIELDS * this.#count
    if (at === this.#numbers.length) this.#grow()
    const numbers = this.#numbers
    numbers[at] = tgid
    numbers[at + 1] = seconds
    numbers[at + 2] = requestBytes
    numbers[at + 3] = responseBytes
    this.#labels[this.#count] = labels
    if (this.names) this.#examples[this.#count] = example
    this.#count++
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#numbers.length)
    larger.set(this.#numbers)
    this.#numbers = larger
  }

  /** Adds what waits to the series of its processes, but for those that are not watched or have no metrics; of undecided ones it waits on. */
  settle(find: (tgid: number) => KnownProcess): void {
    if (this.#count === 0) return
    const now = this.#options.now()
    const time = wallTime()
    let last = -1
    let awaits = false
    let waiting = 0
    let counted: CountedResource | undefined
    for (let i = 0; i < this.#count; i++) {
      const tgid = this.#numbers[FIELDS * i] ?? 0
      if (tgid !== last) {
        const known = find(tgid)
        awaits = known.decision.awaitsPod === true
        counted = this.#countedOf(known, now)
      }
      last = tgid
      if (awaits) waiting = this.#wait(i, waiting)
      else if (counted === undefined) this.#options.onNotMeasured(tgid)
      else this.#settleOne(i, counted, now, time)
    }
    this.#count = waiting
  }

  /** Moves one to the front, behind those that wait already. Returns how many do then. */
  #wait(i: number, waiting: number): number {
    if (waiting === AWAITING_MAX) {
      this.#options.onAwaitingFull()
      return waiting
    }
    this.#numbers.copyWithin(FIELDS * waiting, FIELDS * i, FIELDS * (i + 1))
    const labels = this.#labels[i]
    if (labels !== undefined) this.#labels[waiting] = labels
    if (this.names) this.#examples[waiting] = this.#examples[i]
    return waiting + 1
  }

  #settleOne(i: number, counted: CountedResource, now: number, time: UnixTime): void {
    const at = FIELDS * i
    const [labels, numbers] = [this.#labels[i], this.#numbers]
    if (labels === undefined) return
    const seconds = numbers[at + 1] ?? 0
    const [request = -1, response = -1] = [numbers[at + 2], numbers[at + 3]]
    const series = counted.add(labels, seconds, request, response, now, time)
    const example = this.#examples[i]
    if (example === undefined) return
    const value = { kind: 'double', value: seconds } as const
    exemplify(series, this.#options.rules.exemplars, example, value)
  }

  #countedOf(known: KnownProcess, now: number) {
    const { selected, settings } = known.decision
    if (!selected || !settings.exportsMetrics) return undefined
    const { resourceOf, rules } = this.#options
    const resource = resourceOf(known)
    const key = this.#keys.get(resource) ?? attributesKey(resource.attributes)
    this.#keys.set(resource, key)
    return this.#resources.at(key, () => new CountedResource(resource, rules), now)
  }

  /** All metrics as they are now. What was silent for too long goes after it was taken once more. */
  take(): ResourceMetrics[] {
    const { scope, rules, now } = this.#options
    const time = wallTime()
    const data = [...this.#resources].flatMap((one): ResourceMetrics[] => {
      const metrics = one.take(time)
      if (metrics.length === 0) return []
      const scopeMetrics = [{ scope, metrics, schemaUrl: '' }]
      return [{ resource: one.resource, scopeMetrics, schemaUrl: '' }]
    })
    if (rules.ttlMs > 0) {
      const before = now() - rules.ttlMs
      for (const one of this.#resources) one.expire(before)
      this.#resources.expire(before)
    }
    return data
  }
}
