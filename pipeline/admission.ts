import type { Consumer, Release } from './component.ts'

const NOTHING: Release = () => undefined

/**
 * The memory that one request was let in with. A receiver makes it before it reads the body, lets it grow when the body
 * turns out to be larger, and releases it once the pipeline has answered.
 */
export class Admitted {
  readonly #next: Pick<Consumer<unknown>, 'admit'>
  readonly #releases: Release[] = []
  #bytes = 0

  /** Throws `RefusedError` if memory is short: answer without reading. */
  constructor(next: Pick<Consumer<unknown>, 'admit'>, bytes: number) {
    this.#next = next
    this.#add(bytes)
  }

  /** Now it is known to be so many bytes. Throws as the constructor does; what was admitted stays so until `release`. */
  grow(bytes: number): void {
    if (bytes > this.#bytes) this.#add(bytes - this.#bytes)
  }

  release(): void {
    for (const release of this.#releases.splice(0)) release()
  }

  #add(bytes: number): void {
    this.#releases.push(this.#next.admit?.(bytes) ?? NOTHING)
    this.#bytes += bytes
  }
}
