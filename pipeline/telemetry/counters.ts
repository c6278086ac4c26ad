/** Ordered as given; `{ receiver: 'ebpf' }`. */
export type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly name: string
  readonly labels: Labels
  readonly kind: 'counter' | 'gauge'
  readonly value: number
}

/** One counter of one set of labels: adding to it looks nothing up. */
export class Counter {
  readonly labels: Labels
  value = 0
  constructor(labels: Labels) {
    this.labels = labels
  }

  add(n: number): void {
    this.value += n
  }

  read(): number {
    return this.value
  }
}

interface Gauge {
  readonly labels: Labels
  readonly read: () => number
}

/** All series of one name. */
export interface Family {
  readonly name: string
  readonly kind: 'counter' | 'gauge'
  readonly series: ReadonlyMap<string, Counter | Gauge>
}

/** Takes what is measured one by one: sizes, durations. */
export type RecordValue = (name: string, labels: Labels, value: number | (() => number)) => void

/**
 * What the agent counts of itself, by the Collector's names (`otelcol_exporter_sent_spans`). Plain numbers: whoever shows them reads
 * them then. Counters only grow and live as long as the process, so that a replaced component counts on.
 */
export class Counters {
  readonly #counters = new Map<string, Map<string, Counter>>()
  readonly #gauges = new Map<string, Map<string, Gauge>>()
  readonly #refreshes = new Set<() => void>()
  #record: RecordValue | undefined

  /** The counter of that name and these labels, made if there is none. */
  counter(name: string, labels: Labels): Counter {
    const series = seriesOf(this.#counters, name)
    const key = keyOf(labels)
    let counter = series.get(key)
    if (counter === undefined) {
      counter = new Counter(labels)
      series.set(key, counter)
    }
    return counter
  }

  add(name: string, labels: Labels, n: number): void {
    this.counter(name, labels).add(n)
  }

  /** `read` is called for each look; another gauge of that name and labels is replaced. */
  gauge(name: string, labels: Labels, read: () => number): void {
    seriesOf(this.#gauges, name).set(keyOf(labels), { labels, read })
  }

  /** One value of a histogram; lost while nobody shows histograms. */
  record(name: string, labels: Labels, value: number | (() => number)): void {
    this.#record?.(name, labels, value)
  }

  recordInto(record: RecordValue | undefined): void {
    this.#record = record
  }

  /** `refresh` is called before somebody looks: for what is counted elsewhere. Gives what ends that. */
  beforeLook(refresh: () => void): () => void {
    this.#refreshes.add(refresh)
    return () => void this.#refreshes.delete(refresh)
  }

  /** Everything by name, in the order of first use. */
  look(): readonly Family[] {
    for (const refresh of this.#refreshes) refresh()
    return [
      ...[...this.#counters].map(([name, series]): Family => ({ name, kind: 'counter', series })),
      ...[...this.#gauges].map(([name, series]): Family => ({ name, kind: 'gauge', series })),
    ]
  }

  /** Everything, in the order of first use. */
  snapshot(): readonly Sample[] {
    return this.look().flatMap(({ name, kind, series }) =>
      [...series.values()].map((one) => ({ name, kind, labels: one.labels, value: one.read() })),
    )
  }

  /** The sum of one name over all its labels; 0 if it was never counted. */
  total(name: string): number {
    return [...(this.#counters.get(name)?.values() ?? [])].reduce((sum, one) => sum + one.value, 0)
  }
}

function seriesOf<T>(families: Map<string, Map<string, T>>, name: string): Map<string, T> {
  let series = families.get(name)
  if (series === undefined) {
    series = new Map()
    families.set(name, series)
  }
  return series
}

const keyOf = (labels: Labels) => Object.entries(labels).flat().join('\0')
