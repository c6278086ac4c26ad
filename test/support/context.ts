import type { ComponentStatus, Context } from '../../pipeline/component.ts'
import { Counters } from '../../pipeline/telemetry/counters.ts'
import { createLogger } from '../../pipeline/telemetry/logger.ts'
import { Spans } from '../../pipeline/telemetry/spans.ts'

export interface TestContext {
  readonly ctx: Context
  /** The sum of a counter under the name that the component gave it. */
  count(name: string): number
  readonly counters: Counters
  /** Lines of the log: level, message and fields, tabs between. */
  readonly lines: string[]
  readonly statuses: ComponentStatus[]
}

/** A real context with an inspectable log, counters and statuses. */
export function testContext(id = 'test', now: () => number = () => performance.now()): TestContext {
  const counters = new Counters()
  const lines: string[] = []
  const statuses: ComponentStatus[] = []
  const spans = new Spans()
  const log = createLogger({
    level: 'debug',
    encoding: 'console',
    write: (line) => lines.push(line.slice(line.indexOf('\t') + 1).trimEnd()),
    date: () => new Date(0),
  })
  const ctx: Context = {
    id,
    log,
    now,
    count: (name, n, labels = {}) => counters.add(name, labels, n),
    gauge: (name, read) => counters.gauge(name, {}, read),
    measure: (name, value, labels = {}) => counters.record(name, labels, value),
    duration: (name, labels, seconds) => counters.record(name, labels, seconds),
    startSpan: spans.start,
    watchSpans: spans.watch,
    beforeLook: (refresh) => counters.beforeLook(refresh),
    extension: () => undefined,
    status: (status) => statuses.push(status),
  }
  return { ctx, counters, lines, statuses, count: (name) => counters.total(name) }
}

/** A deadline that is far away. */
export const later = (): AbortSignal => new AbortController().signal

/** A promise and what settles it. */
export function gate(): {
  readonly promise: Promise<void>
  open(): void
  fail(error: Error): void
} {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  return { promise, open: () => resolve(), fail: reject }
}
