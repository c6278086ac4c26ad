import { type LogBatch, logBatch, type TraceBatch, traceBatch } from './batch.ts'
import type { LogRecord } from './logs.ts'
import type { Span } from './traces.ts'

/** The item to keep in the place of the one that is there; undefined: it goes. */
export type Keep<Item> = (item: Item) => Item | undefined

const present = <T>(item: T | undefined): item is T => item !== undefined

/** What is left of the spans; scopes and resources without any go too. */
export function keepSpans(batch: TraceBatch, keep: Keep<Span>): TraceBatch {
  const resources = batch.resources().map((data) => ({
    ...data,
    scopeSpans: data.scopeSpans
      .map((scope) => ({ ...scope, spans: scope.spans.map(keep).filter(present) }))
      .filter(({ spans }) => spans.length > 0),
  }))
  return traceBatch(resources.filter(({ scopeSpans }) => scopeSpans.length > 0))
}

/** The same of log records. */
export function keepRecords(batch: LogBatch, keep: Keep<LogRecord>): LogBatch {
  const resources = batch.resources().map((data) => ({
    ...data,
    scopeLogs: data.scopeLogs
      .map((scope) => ({ ...scope, logRecords: scope.logRecords.map(keep).filter(present) }))
      .filter(({ logRecords }) => logRecords.length > 0),
  }))
  return logBatch(resources.filter(({ scopeLogs }) => scopeLogs.length > 0))
}
