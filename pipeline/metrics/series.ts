import type { Attribute, Attributes } from '../data/attributes.ts'
import type { Exemplar } from '../data/metrics.ts'
import type { UnixTime } from '../data/time.ts'
import { valueText } from '../data/value_text.ts'

const OVERFLOW_KEY = 'overflow'
const OVERFLOW: Attributes = [{ key: 'otel.metric.overflow', value: { kind: 'bool', value: true } }]

/** One set of labels of one metric. */
export interface Series<T> {
  readonly attributes: Attributes
  readonly start: UnixTime
  readonly state: T
  exemplars: Exemplar[]
  /** Milliseconds, monotonic. */
  seen: number
}

/** The series of one metric of one resource, bounded. */
export class SeriesTable<T> {
  readonly #series = new Map<string, Series<T>>()
  readonly #limit: number
  readonly #make: () => T

  /** `limit` 0 is none. What comes beyond it shares one series. */
  constructor(limit: number, make: () => T) {
    this.#limit = limit
    this.#make = make
  }

  get size(): number {
    return this.#series.size
  }

  at(key: string, attributes: Attributes, now: number, time: UnixTime): Series<T> {
    const known = this.#series.get(key)
    if (known !== undefined) {
      known.seen = now
      return known
    }
    if (this.#limit > 0 && this.#series.size >= this.#limit && key !== OVERFLOW_KEY) {
      return this.at(OVERFLOW_KEY, OVERFLOW, now, time)
    }
    const fresh = { attributes, start: time, state: this.#make(), exemplars: [], seen: now }
    this.#series.set(key, fresh)
    return fresh
  }

  values(): readonly Series<T>[] {
    return [...this.#series.values()]
  }

  /** Forgets series that were not seen since. */
  expire(before: number): void {
    for (const [key, { seen }] of this.#series) if (seen < before) this.#series.delete(key)
  }

  clear(): void {
    this.#series.clear()
  }
}

export interface Counted {
  count: number
}

/** Names a span as an example of a series, unless `limit` are named. */
export function exemplify<T>(
  series: Series<T>,
  limit: number,
  { traceId, spanId, time }: Pick<Exemplar, 'traceId' | 'spanId' | 'time'>,
  value: Exemplar['value'],
): void {
  if (series.exemplars.length >= limit || traceId === '') return
  series.exemplars.push({ traceId, spanId, time, value, filteredAttributes: [] })
}

/** After they were sent: forgets exemplars, and of deltas everything. */
export function forgetSent<T>(table: SeriesTable<T>, isDelta: boolean): void {
  if (isDelta) table.clear()
  else for (const one of table.values()) one.exemplars = []
}

/** Distinct for distinct labels, if their keys come in the same order. */
export const keyOf = (labels: readonly Attribute[]): string => {
  let key = ''
  for (const { key: name, value } of labels) {
    key += `${name}\0${value.kind === 'string' ? value.value : `${value.kind}${valueText(value)}`}\0`
  }
  return key
}
