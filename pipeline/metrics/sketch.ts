import type { Buckets, Integer } from '../data/metrics.ts'
import { coarser } from './exponential.ts'

const FINEST = 20 // scale; a bucket is then 0.00007 % wide

/** What grows while values come. `weight` is how many values one stands for. */
export interface Sketch {
  record(value: number, weight: number): void
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
}

abstract class Population implements Sketch {
  count = 0
  sum = 0
  min = Number.POSITIVE_INFINITY
  max = Number.NEGATIVE_INFINITY

  record(value: number, weight: number): void {
    this.count += weight
    this.sum += value * weight
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
    this.put(value, weight)
  }

  protected abstract put(value: number, weight: number): void
}

/** Counts of values up to each bound, and of those above the last. */
export class ExplicitSketch extends Population {
  readonly bounds: readonly number[]
  readonly counts: number[]

  constructor(bounds: readonly number[]) {
    super()
    this.bounds = bounds
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  protected put(value: number, weight: number): void {
    let [low, high] = [0, this.bounds.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (value <= (this.bounds[middle] ?? 0)) high = middle
      else low = middle + 1
    }
    this.counts[low] = (this.counts[low] ?? 0) + weight
  }
}

/** Buckets that grow by a constant factor, as fine as `maxSize` of them allow. Values are 0 or more. */
export class ExponentialSketch extends Population {
  readonly #maxSize: number
  scale = FINEST
  zeroCount = 0
  /** Grows in place: a copy for each value would cost more than all else. */
  #buckets: { offset: number; bucketCounts: Integer[] } = { offset: 0, bucketCounts: [] }

  constructor(maxSize: number) {
    super()
    this.#maxSize = maxSize
  }

  get buckets(): Buckets {
    return this.#buckets
  }

  protected put(value: number, weight: number): void {
    if (value <= 0) {
      this.zeroCount += weight
      return
    }
    let index = this.#indexOf(value)
    while (!this.#fits(index)) {
      this.scale -= 1
      const { offset, bucketCounts } = coarser(this.#buckets, 1)
      this.#buckets = { offset, bucketCounts: [...bucketCounts] }
      index = this.#indexOf(value)
    }
    this.#add(index, weight)
  }

  /** Bucket i holds values above base^i up to base^(i+1). */
  #indexOf(value: number): number {
    return Math.ceil(Math.log2(value) * 2 ** this.scale) - 1
  }

  #fits(index: number): boolean {
    const { offset, bucketCounts } = this.#buckets
    if (bucketCounts.length === 0) return true
    const first = Math.min(offset, index)
    return Math.max(offset + bucketCounts.length - 1, index) - first < this.#maxSize
  }

  #add(index: number, weight: number): void {
    const { bucketCounts: counts } = this.#buckets
    if (counts.length === 0) this.#buckets.offset = index
    while (index < this.#buckets.offset) {
      counts.unshift(0)
      this.#buckets.offset--
    }
    const at = index - this.#buckets.offset
    while (counts.length <= at) counts.push(0)
    counts[at] = Number(counts[at]) + weight
  }
}

export type Durations = ExplicitSketch | ExponentialSketch

/** With the buckets that `bounds` has, else with at most `maxSize` exponential ones. */
export const newSketch = (bounds: readonly number[] | undefined, maxSize: number): Durations =>
  bounds === undefined ? new ExponentialSketch(maxSize) : new ExplicitSketch(bounds)
