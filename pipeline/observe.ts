import { type Consumer, type Context, RefusedError, type Signal } from './component.ts'
import type { Labels } from './telemetry/counters.ts'
import type { StartSpan } from './telemetry/spans.ts'

/** How the Collector's counters name the items of a signal. */
export const ITEMS: Record<Signal, string> = {
  traces: 'spans',
  metrics: 'metric_points',
  logs: 'log_records',
  profiles: 'profile_samples',
}

type Count = Context['count']

interface Counted {
  readonly count: number
}

const TRANSPORTS: { readonly [T in 'grpc' | 'http']: Labels } = {
  grpc: { transport: 'grpc' },
  http: { transport: 'http' },
}

const REQUESTS = { accepted: 'success', refused: 'refused', failed: 'failure' } as const
const OUTCOMES = ['accepted', 'refused', 'failed'] as const

/**
 * Counts what a receiver hands on: accepted, refused (the sender should try again) or failed (lost). All three are
 * there from the first batch on, as in the Collector: with one missing there is no share to compute.
 */
export function observeReceiver<T extends Counted>(
  next: Consumer<T>,
  signal: Signal,
  count: Count,
): Consumer<T> {
  const done = (outcome: keyof typeof REQUESTS, n: number, labels: Labels | undefined) => {
    for (const one of OUTCOMES) {
      count(`${one}_${ITEMS[signal]}`, one === outcome ? n : 0, labels)
    }
    count('requests', 1, { ...labels, outcome: REQUESTS[outcome] })
  }
  return {
    async consume(batch, info) {
      const labels = info.transport && TRANSPORTS[info.transport]
      const { count: items } = batch
      try {
        await next.consume(batch, info)
        done('accepted', items, labels)
      } catch (error) {
        done(error instanceof RefusedError ? 'refused' : 'failed', items, labels)
        throw error
      }
    },
  }
}

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

/** How the Collector calls what a receiver does. */
const RECEIVED: Record<Signal, string> = {
  traces: 'TraceDataReceived',
  metrics: 'MetricsReceived',
  logs: 'LogsReceived',
  profiles: 'ProfilesReceived',
}

/** Makes a span of each batch that a receiver hands on, where own spans are recorded. */
export function traceReceiver<T extends Counted>(
  next: Consumer<T>,
  id: string,
  signal: Signal,
  startSpan: StartSpan,
): Consumer<T> {
  const name = `receiver/${id}/${RECEIVED[signal]}`
  return {
    async consume(batch, info) {
      const span = startSpan(name, info.headerOf)
      if (span === undefined) return next.consume(batch, info)
      const { count } = batch
      const { transport = '' } = info
      const about = (accepted: number) => ({
        transport,
        [`accepted_${ITEMS[signal]}`]: accepted,
        [`refused_${ITEMS[signal]}`]: count - accepted,
      })
      try {
        await next.consume(batch, info)
        span.end(about(count))
      } catch (error) {
        span.end(about(0), error)
        throw error
      }
    },
  }
}
