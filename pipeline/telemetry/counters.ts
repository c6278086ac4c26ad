/** Ordered as given; `{ receiver: 'ebpf' }`. */
export type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly name: string
  readonly labels: Labels
  readonly kind: 'counter' | 'gauge'
  readonly value: number
}

interface Counter {
  readonly name: string
  readonly labels: Labels
  value: number
}

interface Gauge {
  readonly name: string
  readonly labels: Labels
  readonly read: () => number
}

/**
 * What the agent counts of itself, by the Collector's names (`otelcol_exporter_sent_spans`).
 * Counters only grow and live as long as the process, so that a replaced component counts on.
 */
export class Counters {
  readonly #counters = new Map<string, Counter>()
  readonly #gauges = new Map<string, Gauge>()

  add(name: string, labels: Labels, n: number): void {
    const key = keyOf(name, labels)
    const counter = this.#counters.get(key)
    if (counter === undefined) this.#counters.set(key, { name, labels, value: n })
    else counter.value += n
  }

  /** `read` is called for each snapshot; another gauge of that name and labels is replaced. */
  gauge(name: string, labels: Labels, read: () => number): void {
    this.#gauges.set(keyOf(name, labels), { name, labels, read })
  }

  /** Everything, in the order of first use. */
  snapshot(): readonly Sample[] {
    return [
      ...[...this.#counters.values()].map((one): Sample => ({ ...one, kind: 'counter' })),
      ...[...this.#gauges.values()].map(
        ({ name, labels, read }): Sample => ({ name, labels, kind: 'gauge', value: read() }),
      ),
    ]
  }

  /** The sum of one name over all its labels; 0 if it was never counted. */
  total(name: string): number {
    return [...this.#counters.values()]
      .filter((one) => one.name === name)
      .reduce((sum, one) => sum + one.value, 0)
  }
}

const keyOf = (name: string, labels: Labels) =>
  `${name}\0${Object.entries(labels).flat().join('\0')}`
