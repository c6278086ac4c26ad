import { defineExporter } from '../../pipeline/component.ts'
import { ExporterHelper } from '../../pipeline/exporter_helper.ts'
import { retryFields } from '../../pipeline/retry.ts'
import { schema } from './config.ts'
import { PrometheusEndpoint } from './prometheus.ts'

/** Nothing can fail that another attempt would mend, and nothing waits. */
const AT_ONCE = { timeoutMs: 0, queue: undefined, retry: retryFields.parse({ enabled: false }) }

/** Shows the newest values of metrics to a Prometheus that scrapes them. */
export const prometheus = defineExporter({
  type: 'prometheus',
  stability: { metrics: 'beta' },
  access: 'items',
  schema,
  create: {
    metrics: (ctx, config) =>
      new ExporterHelper(ctx, 'metrics', AT_ONCE, new PrometheusEndpoint(ctx, config)),
  },
})
