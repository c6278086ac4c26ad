import type { Context } from '../../pipeline/component.ts'

/** Something whose pod is not known yet. */
export interface Guest {
  readonly identity: string
  readonly items: number
}

const MAX_ITEMS = 20_000
const MAX_MISSED = 10_000
/** For which nobody waits again for what did not come. */
const MISSED_MS = 60_000

/** Where items wait for their pod, for so long and so many. */
export class WaitingRoom<G extends Guest> {
  readonly #ctx: Context
  readonly #timeoutMs: number
  #guests: { readonly guest: G; readonly until: number }[] = []
  #items = 0
  readonly #missed = new Map<string, number>()

  constructor(ctx: Context, timeoutMs: number) {
    this.#ctx = ctx
    this.#timeoutMs = timeoutMs
    ctx.gauge('k8s_attributes_waiting_items', () => this.#items)
  }

  get isEmpty(): boolean {
    return this.#guests.length === 0
  }

  /** False if it is not to wait: there are too many, or its like has waited in vain. */
  enter(guest: G): boolean {
    if (this.#timeoutMs === 0 || this.#hasMissed(guest.identity)) return false
    if (this.#items + guest.items > MAX_ITEMS) {
      this.#ctx.count('k8s_attributes_waiting_full', guest.items)
      return false
    }
    this.#guests.push({ guest, until: this.#ctx.now() + this.#timeoutMs })
    this.#items += guest.items
    return true
  }

  /** Those that `isAnswered` lets go, and those whose time is over; of `everybody` all. */
  leave(isAnswered: (guest: G) => boolean, everybody = false): readonly G[] {
    const now = this.#ctx.now()
    const left: G[] = []
    this.#guests = this.#guests.filter(({ guest, until }) => {
      const answered = isAnswered(guest)
      if (!answered && !everybody && until > now) return true
      if (!answered) this.#miss(guest.identity, now)
      this.#items -= guest.items
      left.push(guest)
      return false
    })
    return left
  }

  #miss(identity: string, now: number): void {
    if (this.#missed.size >= MAX_MISSED) this.#missed.clear()
    this.#missed.set(identity, now)
  }

  #hasMissed(identity: string): boolean {
    const at = this.#missed.get(identity)
    return at !== undefined && this.#ctx.now() - at < MISSED_MS
  }
}
