import { RefusedError } from './component.ts'

/** The space of a queue. What is under way keeps its own until it is done. */
export class Room {
  readonly capacity: number
  readonly #unit: string
  readonly #blocks: boolean
  #used = 0
  #stopped = false
  #blocked: (() => void)[] = []

  /** `blocks` is whether senders wait for space. */
  constructor(capacity: number, unit: string, blocks: boolean) {
    this.capacity = capacity
    this.#unit = unit
    this.#blocks = blocks
  }

  get used(): number {
    return this.#used
  }

  /** Takes space at once, if there is enough; else `wait` does, or says why not. */
  take(size: number): boolean {
    if (this.#stopped || this.#used + size > this.capacity) return false
    this.#used += size
    return true
  }

  /** Rejects with `RefusedError` if senders do not wait, or if `signal` aborts while this one does. */
  async wait(size: number, signal?: AbortSignal): Promise<void> {
    if (size > this.capacity) {
      throw new Error(
        `sending queue: batch of ${size} ${this.#unit} is larger than queue_size ${this.capacity}`,
      )
    }
    while (!this.take(size)) {
      if (this.#stopped) throw new RefusedError('sending queue is stopped')
      if (!this.#blocks) throw new RefusedError('sending queue is full')
      await this.#change(signal)
    }
  }

  /** For what is there already, be it more than there is space for. */
  occupy(size: number): void {
    this.#used += size
  }

  give(size: number): void {
    this.#used -= size
    this.#wake()
  }

  /** Nobody gets in any more. */
  stop(): void {
    this.#stopped = true
    this.#wake()
  }

  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => reject(new RefusedError('sending queue is full: the sender went away'))
      signal?.addEventListener('abort', abort, { once: true })
      this.#blocked.push(() => {
        signal?.removeEventListener('abort', abort)
        resolve()
      })
    })
  }

  #wake(): void {
    const blocked = this.#blocked
    this.#blocked = []
    for (const resume of blocked) resume()
  }
}
