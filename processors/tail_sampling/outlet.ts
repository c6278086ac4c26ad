import type { Consumer, Context } from '../../pipeline/component.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import { describe } from '../../pipeline/telemetry/logger.ts'

/** Spans that leave together. */
const MAX_SPANS = 8192

/** Sends kept traces on, one batch after the other. */
export class Outlet {
  readonly #ctx: Context
  readonly #next: Consumer<TraceBatch>
  #pending: TraceBatch[] = []
  #sending: Promise<void> | undefined

  constructor(ctx: Context, next: Consumer<TraceBatch>) {
    this.#ctx = ctx
    this.#next = next
  }

  add(batch: TraceBatch): void {
    this.#pending.push(batch)
  }

  /** Resolves when everything that was added before is sent. Never rejects: the sender of the spans has gone on. */
  async flush(): Promise<void> {
    while (this.#sending !== undefined) await this.#sending
    if (this.#pending.length === 0) return
    this.#sending = this.#sendAll().finally(() => {
      this.#sending = undefined
    })
    await this.#sending
  }

  /** The same; what has not left at `deadline` is lost, and counted. */
  async end(deadline: AbortSignal): Promise<void> {
    const discard = () => {
      const spans = this.#pending.reduce((sum, { count }) => sum + count, 0)
      this.#pending = []
      if (spans > 0) this.#ctx.count('dropped_shutdown', spans)
    }
    deadline.addEventListener('abort', discard, { once: true })
    await this.flush()
    deadline.removeEventListener('abort', discard)
  }

  async #sendAll(): Promise<void> {
    for (let batch = this.#take(); batch !== undefined; batch = this.#take()) {
      try {
        await this.#next.consume(batch, {})
      } catch (error) {
        this.#ctx.count('dropped_sender_failed', batch.count)
        const fields = { error: describe(error), dropped_items: batch.count }
        this.#ctx.log.warn('Error sending spans to destination', fields)
      }
    }
  }

  #take(): TraceBatch | undefined {
    let spans = 0
    const cut = this.#pending.findIndex(({ count }) => {
      spans += count
      return spans >= MAX_SPANS
    })
    const [first, ...rest] = this.#pending.splice(0, cut < 0 ? this.#pending.length : cut + 1)
    return first?.join(rest)
  }
}
