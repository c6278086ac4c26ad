import type { Component, Consumer, Context } from '../../pipeline/component.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import { Output, type Sink } from '../../pipeline/output.ts'
import { linesOf, type Paint } from './line.ts'

const MAX_WAITING_BYTES = 1 << 20 // some 10,000 lines for a terminal that is behind

/** Writes one line per span. It never waits for the terminal: what that cannot take is counted and left out. */
export class ConsoleExporter implements Component, Consumer<TraceBatch> {
  readonly #ctx: Context
  readonly #paint: Paint
  readonly #output: Output

  constructor(ctx: Context, open: () => Sink, paint: Paint) {
    this.#ctx = ctx
    this.#paint = paint
    this.#output = new Output({
      open,
      maxBytes: MAX_WAITING_BYTES,
      onWritten: (lines) => ctx.count('sent_spans', lines),
      onDropped: (lines) => ctx.count('dropped_output_slow_or_closed', lines),
      onClosed: (error) => this.#closed(error),
    })
  }

  start(): Promise<void> {
    this.#output.open()
    return Promise.resolve()
  }

  consume(batch: TraceBatch): Promise<void> {
    for (const resource of batch.resources()) {
      for (const line of linesOf(resource, this.#paint)) this.#output.write(line)
    }
    return Promise.resolve()
  }

  shutdown(deadline: AbortSignal): Promise<void> {
    return this.#output.close(deadline)
  }

  #closed(error: Error): void {
    this.#ctx.log.warn('Standard output is closed: spans are no longer shown.', { error })
    this.#ctx.status({ kind: 'permanent_error', error })
  }
}
