import type { Truth } from './programs.ts'
import type { ReceivedSpan } from './sink.ts'

export interface Comparison {
  /** Every difference but durations in words; empty when the spans are the truth. */
  readonly differences: readonly string[]
  /** The same of durations: too few of them are right. */
  readonly late: readonly string[]
  /** Milliseconds by which a span's duration is off, beyond 1 % of it, sorted. */
  readonly durationErrors: readonly number[]
}

export interface CompareOptions {
  readonly kind: 'server' | 'client'
  /**
   * The share of durations that must be right, from 0 to 1; undefined: none is compared. They are held against the program's
   * only where it is not queueing behind itself, and not of requests with a body: a server may have answered before that has come.
   */
  readonly inTime?: number | undefined
}

const DURATION_SHARE = 0.01
/** What a duration may be off, beyond 1 % of it. */
export const DURATION_MS = 1
/** The path that a span is joined by, of a server or a client; '' of CONNECT, which has none. */
export const pathOf = (span: ReceivedSpan): string => {
  const path = span.attributes.get('url.path')
  if (path !== undefined) return String(path)
  const full = String(span.attributes.get('url.full') ?? '')
  return URL.canParse(full) ? new URL(full).pathname : ''
}

function differencesOf(truth: Truth, span: ReceivedSpan): string[] {
  const method = span.attributes.get('http.request.method')
  const status = span.attributes.get('http.response.status_code')
  const bytes = span.attributes.get('http.response.body.size')
  const found: string[] = []
  if (method !== truth.method) found.push(`method ${method}, was ${truth.method}`)
  if (status !== truth.status) found.push(`status ${status}, was ${truth.status}`)
  if (bytes !== undefined && bytes !== truth.bytes)
    found.push(`${bytes} bytes, were ${truth.bytes}`)
  if (span.end < span.start) found.push('ends before it starts')
  return found.map((text) => `${truth.method} ${truth.path}: ${text}`)
}

/** How many of these errors are within the limit, from 0 to 1. */
export const shareInTime = (errors: readonly number[]): number =>
  errors.filter((error) => error <= DURATION_MS).length / Math.max(1, errors.length)

function lateness(errors: readonly number[], { kind, inTime = 0 }: CompareOptions): string[] {
  const share = shareInTime(errors)
  if (errors.length === 0 || share >= inTime) return []
  const worst = errors.at(-1) ?? 0
  return [
    `only ${(share * 100).toFixed(1)} % of the ${kind} durations are right, the worst is off by ${worst.toFixed(3)} ms`,
  ]
}

/** How many spans; those with one id were sent again by an exporter that had no answer in time. */
function many(spans: readonly ReceivedSpan[]): string {
  const ids = new Set(spans.map(({ spanId }) => spanId))
  return ids.size === spans.length ? `${spans.length}` : `${spans.length} (of ${ids.size} ids)`
}

/** Joins spans and requests by path: each request exactly one right span, no span without its request. */
export function compare(
  truths: readonly Truth[],
  spans: readonly ReceivedSpan[],
  options: CompareOptions,
): Comparison {
  const differences: string[] = []
  const durationErrors: number[] = []
  const byPath = Map.groupBy(
    spans.filter((span) => span.kind === options.kind && pathOf(span).startsWith('/r/')),
    pathOf,
  )
  for (const truth of truths) {
    const found = byPath.get(truth.path) ?? []
    const [span] = found
    byPath.delete(truth.path)
    if (!span) differences.push(`${truth.method} ${truth.path}: no ${options.kind} span`)
    else differences.push(...differencesOf(truth, span))
    if (found.length > 1) differences.push(`${truth.path}: ${many(found)} ${options.kind} spans`)
    if (!span || options.inTime === undefined || truth.method === 'POST') continue
    const took = truth.end - truth.start
    durationErrors.push(Math.abs(span.end - span.start - took) - took * DURATION_SHARE)
  }
  durationErrors.sort((a, b) => a - b)
  for (const [path, left] of byPath)
    differences.push(`${path}: ${left.length} ${options.kind} spans, never asked for`)
  return { differences, late: lateness(durationErrors, options), durationErrors }
}
