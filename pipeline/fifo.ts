const TIDY_AFTER = 1024

/** First in, first out, also of a hundred thousand: an array moves them all at each `shift`. */
export class Fifo<T> {
  #items: T[] = []
  #first = 0

  get length(): number {
    return this.#items.length - this.#first
  }

  push(item: T): void {
    this.#items.push(item)
  }

  /** To the front. */
  putBack(item: T): void {
    if (this.#first === 0) this.#items.unshift(item)
    else this.#items[--this.#first] = item
  }

  shift(): T | undefined {
    const item = this.#items[this.#first]
    if (this.#first < this.#items.length) this.#first += 1
    if (this.#first >= TIDY_AFTER && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first)
      this.#first = 0
    }
    return item
  }
}
