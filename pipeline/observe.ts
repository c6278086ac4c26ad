import { type Consumer, RefusedError, type Signal } from './component.ts'

/** How the Collector's counters name the items of a signal. */
export const ITEMS: Record<Signal, string> = {
  traces: 'spans',
  metrics: 'metric_points',
  logs: 'log_records',
  profiles: 'profile_samples',
}

type Count = (name: string, n: number) => void

interface Counted {
  readonly count: number
}

/** Counts what a receiver hands on: accepted, refused (the sender should try again) or failed (lost). */
export const observeReceiver = <T extends Counted>(
  next: Consumer<T>,
  signal: Signal,
  count: Count,
): Consumer<T> => ({
  async consume(batch, info) {
    try {
      await next.consume(batch, info)
      count(`accepted_${ITEMS[signal]}`, batch.count)
    } catch (error) {
      const outcome = error instanceof RefusedError ? 'refused' : 'failed'
      count(`${outcome}_${ITEMS[signal]}`, batch.count)
      throw error
    }
  },
})

/** Counts the items that pass this point, under `name`. */
export const observeItems = <T extends Counted>(
  next: Consumer<T>,
  name: string,
  count: Count,
): Consumer<T> => ({
  consume(batch, info) {
    count(name, batch.count)
    return next.consume(batch, info)
  },
})
