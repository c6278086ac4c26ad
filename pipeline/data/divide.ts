import type { ScopeLogs } from './logs.ts'
import type { Metric, MetricData, ScopeMetrics } from './metrics.ts'
import type { ScopeSpans } from './traces.ts'

type Two<T> = readonly [head: T, tail: T]

const sum = <T>(list: readonly T[], count: (one: T) => number): number =>
  list.reduce((total, one) => total + count(one), 0)

/** Divides a list of counted things after `at` items: whole things stay whole, the one at the border is divided. */
function divideList<T>(
  list: readonly T[],
  at: number,
  count: (one: T) => number,
  divide: (one: T, at: number) => Two<T>,
): Two<readonly T[]> {
  let left = at
  for (const [index, one] of list.entries()) {
    const items = count(one)
    if (left < items || left === 0) {
      if (left === 0) return [list.slice(0, index), list.slice(index)]
      const [head, tail] = divide(one, left)
      return [
        [...list.slice(0, index), head],
        [tail, ...list.slice(index + 1)],
      ]
    }
    left -= items
  }
  return [list, []]
}

export const countSpans = (scopes: readonly ScopeSpans[]): number =>
  sum(scopes, (one) => one.spans.length)

export const countLogRecords = (scopes: readonly ScopeLogs[]): number =>
  sum(scopes, (one) => one.logRecords.length)

/** Data points, not metrics: the unit in which the Collector counts. */
export const countDataPoints = (scopes: readonly ScopeMetrics[]): number =>
  sum(scopes, countScopePoints)

const countScopePoints = (scope: ScopeMetrics): number =>
  sum(scope.metrics, (metric) => metric.data.points.length)

export const divideSpans = (scopes: readonly ScopeSpans[], at: number) =>
  divideList(
    scopes,
    at,
    (one) => one.spans.length,
    (one, n) => [
      { ...one, spans: one.spans.slice(0, n) },
      { ...one, spans: one.spans.slice(n) },
    ],
  )

export const divideLogRecords = (scopes: readonly ScopeLogs[], at: number) =>
  divideList(
    scopes,
    at,
    (one) => one.logRecords.length,
    (one, n) => [
      { ...one, logRecords: one.logRecords.slice(0, n) },
      { ...one, logRecords: one.logRecords.slice(n) },
    ],
  )

export const divideDataPoints = (scopes: readonly ScopeMetrics[], at: number) =>
  divideList(scopes, at, countScopePoints, divideScopeMetrics)

function divideScopeMetrics(scope: ScopeMetrics, at: number): Two<ScopeMetrics> {
  const points = (metric: Metric) => metric.data.points.length
  const [head, tail] = divideList(scope.metrics, at, points, divideMetric)
  return [
    { ...scope, metrics: head },
    { ...scope, metrics: tail },
  ]
}

function divideMetric(metric: Metric, at: number): Two<Metric> {
  return [
    { ...metric, data: slicePoints(metric.data, 0, at) },
    { ...metric, data: slicePoints(metric.data, at) },
  ]
}

function slicePoints(data: MetricData, from: number, to?: number): MetricData {
  switch (data.kind) {
    case 'gauge':
    case 'sum':
      return { ...data, points: data.points.slice(from, to) }
    case 'histogram':
      return { ...data, points: data.points.slice(from, to) }
    case 'exponential_histogram':
      return { ...data, points: data.points.slice(from, to) }
    case 'summary':
      return { ...data, points: data.points.slice(from, to) }
    case 'empty':
      return data
  }
}
