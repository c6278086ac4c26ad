import type { SelfMetric } from './self_metric.ts'
import { SELF_METRICS } from './self_metrics.ts'
import { WEIR_SCOPE } from './weir_metrics.ts'

const BY_NAME = new Map(SELF_METRICS.map((metric) => [metric.name, metric]))

/** A metric and the label that its counter's name stands for. */
export interface Exposed {
  readonly metric: SelfMetric
  readonly label?: readonly [name: string, value: string]
}

const PREFIXES: readonly (readonly [prefix: string, name: string, label: string])[] = [
  ['dropped_or_repaired_', 'repaired_items', 'what'],
  ['dropped_', 'dropped_items', 'reason'],
  ['skipped_', 'skipped_items', 'reason'],
  ['noted_', 'notes', 'reason'],
  ['refused_requests_', 'refused_requests', 'reason'],
  ['rejected_requests_', 'rejected_requests', 'reason'],
]

/**
 * What a counter or gauge is shown as: the Collector's names stay, `otelcol_exporter_dropped_timeout` is
 * `weir_exporter_dropped_items{reason="timeout"}`, and what is in no table is `weir_...`.
 */
export function exposedAs(name: string, kind: 'counter' | 'gauge' | 'histogram'): Exposed {
  const known = BY_NAME.get(name)
  if (known !== undefined) return { metric: known }
  const [, owner, rest = name] = /^otelcol_([a-z]+)_(.*)$/.exec(name) ?? []
  // Some of the Collector's components name what they count without their kind.
  const bare = BY_NAME.get(`otelcol_${rest}`)
  if (bare !== undefined) return { metric: bare }
  const found = PREFIXES.find(([prefix]) => rest.startsWith(prefix))
  if (owner === undefined || found === undefined) {
    const own = name.replace(/^otelcol_/, 'weir_')
    return { metric: BY_NAME.get(own) ?? unlisted(own, kind) }
  }
  const [prefix, family, label] = found
  const own = `weir_${owner}_${family}`
  return {
    metric: BY_NAME.get(own) ?? unlisted(own, kind),
    label: [label, rest.slice(prefix.length)],
  }
}

const unlisted = (name: string, kind: SelfMetric['kind']): SelfMetric => ({
  name,
  kind,
  unit: '',
  level: 'normal',
  scope: WEIR_SCOPE,
  about: 'Told by a component: see its README.',
  labels: [],
})
