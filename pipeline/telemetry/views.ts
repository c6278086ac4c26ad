import {
  type AggregationOption,
  AggregationType,
  createAllowListAttributesProcessor,
  createDenyListAttributesProcessor,
  InstrumentType,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics'
import type { Labels } from './counters.ts'
import type { AggregationConfig, IncludeExclude, ViewConfig } from './metrics_fields.ts'
import type { MetricsLevel, SelfMetric } from './self_metric.ts'

const INSTRUMENTS = {
  counter: InstrumentType.COUNTER,
  gauge: InstrumentType.GAUGE,
  histogram: InstrumentType.HISTOGRAM,
  observable_counter: InstrumentType.OBSERVABLE_COUNTER,
  observable_gauge: InstrumentType.OBSERVABLE_GAUGE,
  observable_up_down_counter: InstrumentType.OBSERVABLE_UP_DOWN_COUNTER,
  up_down_counter: InstrumentType.UP_DOWN_COUNTER,
} as const

/**
 * A view as the SDK takes it. weir reads most of its counters where the Collector adds to them, so each type of selector
 * gives two: the type, and its observable kind.
 */
export function viewsOf({ selector, stream }: ViewConfig): ViewOptions[] {
  const type = selector.instrument_type
  const types =
    type === undefined ? [undefined] : [INSTRUMENTS[type], ...observableOf(INSTRUMENTS[type])]
  return types.map((instrumentType) =>
    defined<ViewOptions>({
      instrumentType,
      instrumentName: selector.instrument_name,
      instrumentUnit: selector.unit,
      meterName: selector.meter_name,
      meterVersion: selector.meter_version,
      meterSchemaUrl: selector.meter_schema_url,
      name: stream.name,
      description: stream.description,
      aggregation: stream.aggregation && aggregationOf(stream.aggregation),
      attributesProcessors: stream.attribute_keys && processorsOf(stream.attribute_keys),
    }),
  )
}

function observableOf(type: InstrumentType): InstrumentType[] {
  if (type === InstrumentType.COUNTER) return [InstrumentType.OBSERVABLE_COUNTER]
  if (type === InstrumentType.GAUGE) return [InstrumentType.OBSERVABLE_GAUGE]
  return type === InstrumentType.UP_DOWN_COUNTER ? [InstrumentType.OBSERVABLE_UP_DOWN_COUNTER] : []
}

function aggregationOf(config: AggregationConfig): AggregationOption {
  const histogram = config.explicit_bucket_histogram
  if (config.drop) return { type: AggregationType.DROP }
  if (config.sum) return { type: AggregationType.SUM }
  if (config.last_value) return { type: AggregationType.LAST_VALUE }
  if (histogram === undefined) return { type: AggregationType.DEFAULT }
  return {
    type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
    options: { boundaries: [...histogram.boundaries], recordMinMax: histogram.record_min_max },
  }
}

function processorsOf({ included, excluded }: IncludeExclude) {
  return [
    ...(included.length > 0 ? [createAllowListAttributesProcessor([...included])] : []),
    ...(excluded.length > 0 ? [createDenyListAttributesProcessor([...excluded])] : []),
  ]
}

/** Without the keys whose value is undefined. */
const defined = <T extends object>(object: { readonly [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T

export type KeepLabels = (labels: Labels) => Labels

/**
 * Which labels the views leave to a metric, or undefined for all: of series that are read, not added to, the SDK would keep
 * the last one of those that become equal, not their sum.
 */
export function keptLabels(
  views: readonly ViewConfig[],
  metric: SelfMetric,
): KeepLabels | undefined {
  const view = views.find(
    ({ selector, stream }) => stream.attribute_keys && selects(selector, metric),
  )
  const keys = view?.stream.attribute_keys
  if (keys === undefined) return undefined
  return keeping((key) => keeps(keys, key))
}

/** Which labels a level leaves to a metric, or undefined for all. Views are of the level detailed, which leaves all. */
export function shownLabels(metric: SelfMetric, level: MetricsLevel): KeepLabels | undefined {
  const { detailedLabels: hidden } = metric
  if (hidden === undefined || level === 'detailed') return undefined
  return keeping((key) => !hidden.includes(key))
}

const keeping =
  (isKept: (key: string) => boolean): KeepLabels =>
  (labels) =>
    Object.fromEntries(Object.entries(labels).filter(([key]) => isKept(key)))

const keeps = ({ included, excluded }: IncludeExclude, key: string): boolean =>
  !excluded.includes(key) && (included.length === 0 || included.includes(key))

function selects(selector: ViewConfig['selector'], metric: SelfMetric): boolean {
  const { instrument_name: name, instrument_type: type, unit, meter_name: scope } = selector
  return (
    (name === undefined || wildcard(name).test(metric.name)) &&
    (type === undefined || type.replace('observable_', '') === metric.kind) &&
    (unit === undefined || unit === metric.unit) &&
    (scope === undefined || scope === metric.scope)
  )
}

function wildcard(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`)
}
