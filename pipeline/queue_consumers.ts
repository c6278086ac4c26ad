import type { ClientInfo } from './component.ts'
import type { Parcel } from './queue_batch.ts'

interface Compactable {
  /** Makes it smaller in memory. */
  compact(): void
}

/** `client` is who sent the batch, if that is one alone. */
export type SendParcel<T> = (batch: T, client: ClientInfo | undefined) => Promise<void>

/** Sends parcels in order, so many at a time. */
export class Consumers<T extends Compactable> {
  readonly #count: number
  readonly #send: SendParcel<T>
  readonly #waiting: Parcel<T>[] = []
  #active = 0

  /** `send` may reject: then the offers of the parcel are settled with that. */
  constructor(count: number, send: SendParcel<T>) {
    this.#count = count
    this.#send = send
  }

  /** Parcels that are being sent. */
  get active(): number {
    return this.#active
  }

  /** How many more would be sent at once. */
  get free(): number {
    return this.#count - this.#active - this.#waiting.length
  }

  add(parcel: Parcel<T>): void {
    if (this.#active >= this.#count) parcel.batch.compact()
    this.#waiting.push(parcel)
    this.#pump()
  }

  /** Takes back what is not being sent yet. */
  takeWaiting(): readonly Parcel<T>[] {
    return this.#waiting.splice(0)
  }

  #pump(): void {
    while (this.#active < this.#count) {
      const parcel = this.#waiting.shift()
      if (parcel === undefined) return
      this.#active += 1
      void this.#consume(parcel)
    }
  }

  async #consume({ batch, offers, client }: Parcel<T>): Promise<void> {
    let failure: unknown
    try {
      await this.#send(batch, client)
    } catch (error) {
      failure = error
    }
    this.#active -= 1
    for (const offer of offers) offer.settle(failure)
    this.#pump()
  }
}
