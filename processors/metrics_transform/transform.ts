import { string } from '../../pipeline/data/attributes.ts'
import { mapPoints } from '../../pipeline/data/map_attributes.ts'
import type {
  Metric,
  MetricData,
  ResourceMetrics,
  ScopeMetrics,
} from '../../pipeline/data/metrics.ts'
import { aggregatePoints } from '../../pipeline/metrics/aggregate.ts'
import { withKey } from '../../pipeline/ottl/keys.ts'
import type { TransformConfig } from './config.ts'
import { compileMatch, type Matched } from './match.ts'
import { compileOperation } from './operations.ts'

/** Gives the resources that one becomes. */
export type Transform = (data: ResourceMetrics) => readonly ResourceMetrics[]

/** What metrics of one scope become. */
type Change = (metrics: readonly Metric[]) => readonly Metric[]

/** Operations that change single points. */
const OF_SOME: ReadonlySet<string> = new Set([
  'update_label',
  'toggle_scalar_data_type',
  'experimental_scale_value',
])

export function compileTransform(
  config: TransformConfig,
  onUnequal: (name: string) => void,
): Transform {
  const match = compileMatch(config)
  const operations = config.operations.map(compileOperation)
  const operate = (data: MetricData) => operations.reduce((changed, act) => act(changed), data)
  const changed = ({ meant, newName }: Matched): Metric => {
    const data = operate(meant.data)
    const name = config.new_name === '' ? meant.name : newName
    return name === meant.name && data === meant.data ? meant : { ...meant, name, data }
  }
  const ofSome = config.operations.filter(({ action }) => OF_SOME.has(action)).map(compileOperation)
  /** A metric of which some points do not match keeps its name, and these points stay as they are. */
  const partly = (metric: Metric, { meant }: Matched): Metric => {
    const points = new Set<unknown>(meant.data.points)
    const change = (point: unknown) => {
      const alone = { ...metric.data, points: [point] } as MetricData
      return ofSome.reduce((data, act) => act(data), alone).points as readonly unknown[]
    }
    const after = metric.data.points.flatMap((one) => (points.has(one) ? change(one) : [one]))
    return { ...metric, data: { ...metric.data, points: after } as MetricData }
  }
  switch (config.action) {
    case 'update':
      return perScope((metrics) =>
        metrics.flatMap((metric) => {
          const found = match(metric)
          if (found === undefined) return [metric]
          return withPoints(found.rest === undefined ? changed(found) : partly(metric, found))
        }),
      )
    case 'insert':
      return perScope((metrics) => [
        ...metrics,
        ...metrics.flatMap((metric) => {
          const found = match(metric)
          return found === undefined ? [] : withPoints(changed(found))
        }),
      ])
    case 'combine':
      return perScope((metrics) => combine(metrics, config, match, operate, onUnequal))
    case 'group':
      return (data) => group(data, config, match)
  }
}

/** A metric that operations have left without points goes. */
const withPoints = (metric: Metric): Metric[] => (metric.data.points.length === 0 ? [] : [metric])

const perScope =
  (change: Change): Transform =>
  (data) => [
    {
      ...data,
      scopeMetrics: data.scopeMetrics.map((one) => ({ ...one, metrics: change(one.metrics) })),
    },
  ]

const alike = (a: Metric, b: Metric): boolean =>
  a.data.kind === b.data.kind &&
  a.unit === b.unit &&
  ('temporality' in a.data && a.data.temporality) ===
    ('temporality' in b.data && b.data.temporality)

/** One metric of all that match, named groups as labels. If they are not alike, all stay. */
function combine(
  metrics: readonly Metric[],
  config: TransformConfig,
  match: (metric: Metric) => Matched | undefined,
  operate: (data: MetricData) => MetricData,
  onUnequal: (name: string) => void,
): readonly Metric[] {
  const parts = metrics.flatMap((metric) => match(metric) ?? [])
  const [first] = parts
  if (first === undefined) return metrics
  if (!parts.every(({ meant }) => alike(meant, first.meant))) {
    onUnequal(first.newName)
    return metrics
  }
  const points = parts.flatMap(({ meant, labels }) => {
    const labelled = mapPoints(meant.data, (list) =>
      labels.reduce((all, { key, value }) => withKey(all, key, value), list),
    )
    return labelled.points as readonly unknown[]
  })
  const data = aggregatePoints(
    { ...first.meant.data, points } as MetricData,
    config.aggregation_type || 'sum',
  )
  const others = metrics.flatMap((metric) => {
    const found = match(metric)
    if (found === undefined) return [metric]
    return found.rest === undefined ? [] : [found.rest]
  })
  return [...others, { ...first.meant, name: first.newName, data: operate(data) }]
}

/** Metrics that match go to another resource, with more attributes. */
function group(
  data: ResourceMetrics,
  config: TransformConfig,
  match: (metric: Metric) => Matched | undefined,
): readonly ResourceMetrics[] {
  const pick = (meant: boolean): ScopeMetrics[] =>
    data.scopeMetrics.flatMap((scope) => {
      const metrics = scope.metrics.filter((one) => (match(one) !== undefined) === meant)
      return metrics.length === 0 ? [] : [{ ...scope, metrics }]
    })
  const [moved, left] = [pick(true), pick(false)]
  if (moved.length === 0) return [data]
  const attributes = [...config.group_resource_labels].reduce(
    (all, [key, value]) => withKey(all, key, string('', value).value),
    data.resource.attributes,
  )
  const grouped = { ...data, resource: { ...data.resource, attributes }, scopeMetrics: moved }
  return left.length === 0 ? [grouped] : [{ ...data, scopeMetrics: left }, grouped]
}
