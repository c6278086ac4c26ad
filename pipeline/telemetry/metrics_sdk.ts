import {
  AggregationTemporalityPreference,
  OTLPMetricExporterBase,
} from '@opentelemetry/exporter-metrics-otlp-http'
import {
  JsonMetricsSerializer,
  MetricsExporterMetricsHelper,
  ProtobufMetricsSerializer,
} from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  type AggregationOption,
  AggregationType,
  InstrumentType,
  MeterProvider,
  MetricReader,
  PeriodicExportingMetricReader,
  type PeriodicExportingMetricReaderOptions,
} from '@opentelemetry/sdk-metrics'
import type { Counters, Labels } from './counters.ts'
import { Instruments } from './instruments.ts'
import type {
  IncludeExclude,
  MetricsConfig,
  PeriodicConfig,
  PrometheusConfig,
} from './metrics_fields.ts'
import { pushTo } from './otlp_push.ts'
import { prometheusText, type TextOptions } from './prometheus_text.ts'
import type { OwnResource } from './resource.ts'
import { viewsOf } from './views.ts'

type Refresh = () => void

/** Reads when it is asked to. */
class PullReader extends MetricReader {
  readonly #refresh: Refresh
  constructor(refresh: Refresh) {
    super()
    this.#refresh = refresh
  }

  override collect(options?: Parameters<MetricReader['collect']>[0]) {
    this.#refresh()
    return super.collect(options)
  }

  protected onShutdown(): Promise<void> {
    return Promise.resolve()
  }

  protected onForceFlush(): Promise<void> {
    return Promise.resolve()
  }
}

class PushReader extends PeriodicExportingMetricReader {
  readonly #refresh: Refresh
  constructor(refresh: Refresh, options: PeriodicExportingMetricReaderOptions) {
    super(options)
    this.#refresh = refresh
  }

  override collect(options?: Parameters<MetricReader['collect']>[0]) {
    this.#refresh()
    return super.collect(options)
  }
}

/** The part of own metrics that needs the SDK; loaded when somebody looks, or something is sent. */
export class MetricsSdk {
  readonly #provider: MeterProvider
  readonly #instruments: Instruments
  readonly #pulls: ReadonlyMap<PrometheusConfig, MetricReader>

  private constructor(
    provider: MeterProvider,
    instruments: Instruments,
    pulls: ReadonlyMap<PrometheusConfig, MetricReader>,
  ) {
    this.#provider = provider
    this.#instruments = instruments
    this.#pulls = pulls
  }

  /** Rejects if a periodic reader cannot be made. */
  static async load(
    config: MetricsConfig & { readonly level: Exclude<MetricsConfig['level'], 'none'> },
    resource: OwnResource,
    counters: Counters,
  ): Promise<MetricsSdk> {
    let instruments: Instruments | undefined
    const refresh = () => instruments?.refresh()
    const pulls = new Map(
      config.readers.flatMap(({ pull }) =>
        pull === undefined ? [] : [[pull.exporter.prometheus, new PullReader(refresh)] as const],
      ),
    )
    const periodic = await Promise.all(
      config.readers.flatMap((reader) =>
        reader.periodic ? [pushReader(reader.periodic, refresh)] : [],
      ),
    )
    const provider = new MeterProvider({
      resource: resourceFromAttributes({ ...resource }),
      views: config.views.flatMap(viewsOf),
      readers: [...pulls.values(), ...periodic],
    })
    instruments = new Instruments(counters, config, (scope) => provider.getMeter(scope))
    return new MetricsSdk(provider, instruments, pulls)
  }

  /** The text that this reader's Prometheus gets. */
  async scrape(reader: PrometheusConfig): Promise<string> {
    const { resourceMetrics } = (await this.#pulls.get(reader)?.collect()) ?? {}
    return resourceMetrics === undefined ? '' : prometheusText(resourceMetrics, textOptions(reader))
  }

  record(name: string, labels: Labels, value: number): void {
    this.#instruments.record(name, labels, value)
  }

  /** Sends what there is to send. Rejects if that fails or takes too long. */
  async shutdown(timeoutMillis: number): Promise<void> {
    await this.#provider.shutdown({ timeoutMillis })
  }
}

function textOptions(reader: PrometheusConfig): TextOptions {
  const constant = reader.with_resource_constant_labels
  return {
    typeSuffix: !reader.without_type_suffix,
    unitSuffix: !reader.without_units,
    scopeLabels: !reader.without_scope_info,
    isConstantLabel: (key) => constant !== undefined && includes(constant, key),
  }
}

const includes = ({ included, excluded }: IncludeExclude, key: string): boolean =>
  !excluded.includes(key) && (included.length === 0 || included.includes(key))

async function pushReader(config: PeriodicConfig, refresh: Refresh): Promise<MetricReader> {
  const { otlp } = config.exporter
  const delegate = await pushTo(otlp, {
    name: 'metrics',
    protobuf: ProtobufMetricsSerializer,
    json: JsonMetricsSerializer,
    helper: MetricsExporterMetricsHelper,
  })
  const exponential = otlp.default_histogram_aggregation === 'base2_exponential_bucket_histogram'
  const exporter = new OTLPMetricExporterBase(delegate, {
    temporalityPreference: TEMPORALITIES[otlp.temporality_preference],
    ...(exponential && { aggregationPreference: exponentialHistograms }),
  })
  return new PushReader(refresh, {
    exporter,
    exportIntervalMillis: config.interval,
    exportTimeoutMillis: Math.min(config.timeout, config.interval), // the SDK refuses a longer one
  })
}

const TEMPORALITIES = {
  cumulative: AggregationTemporalityPreference.CUMULATIVE,
  delta: AggregationTemporalityPreference.DELTA,
  lowmemory: AggregationTemporalityPreference.LOWMEMORY,
} as const

const exponentialHistograms = (type: InstrumentType): AggregationOption => ({
  type:
    type === InstrumentType.HISTOGRAM
      ? AggregationType.EXPONENTIAL_HISTOGRAM
      : AggregationType.DEFAULT,
})
