/** A bounded queue: whoever asks first is answered first. */
export class Queue<T> {
  readonly #max: number
  #items: T[] = []
  #first = 0

  constructor(max: number) {
    this.#max = max
  }

  get length(): number {
    return this.#items.length - this.#first
  }

  get oldest(): T | undefined {
    return this.#items[this.#first]
  }

  get newest(): T | undefined {
    return this.length > 0 ? this.#items.at(-1) : undefined
  }

  /** The oldest that is so. */
  find(is: (item: T) => boolean): T | undefined {
    for (let i = this.#first; i < this.#items.length; i++) {
      const item = this.#items[i]
      if (item !== undefined && is(item)) return item
    }
    return undefined
  }

  /** Oldest first. */
  get all(): readonly T[] {
    return this.#items.slice(this.#first)
  }

  /** False when it is full. */
  push(item: T): boolean {
    if (this.length >= this.#max) return false
    this.#items.push(item)
    return true
  }

  shift(): T | undefined {
    const item = this.#items[this.#first]
    if (item === undefined) return undefined
    this.#first++
    // Moved down when that costs less than what has been taken since.
    if (this.#first * 2 >= this.#items.length) {
      this.#items.splice(0, this.#first)
      this.#first = 0
    }
    return item
  }

  /** Everything, oldest first; none is left. */
  takeAll(): T[] {
    const all = this.#items.slice(this.#first)
    this.#items = []
    this.#first = 0
    return all
  }
}
