import {
  bool,
  duration,
  type Infer,
  list,
  map,
  object,
  optional,
  text,
} from '../../config/fields.ts'
import { httpServerFields } from '../../pipeline/net/http_server_fields.ts'
import { refused } from '../../pipeline/net/refused.ts'
import { translationFields } from '../../pipeline/prometheus/translation_fields.ts'

const FIVE_MINUTES_MS = 300_000

/** What stands under `exporters::prometheus`. */
export const schema = httpServerFields('', {
  ...translationFields,
  const_labels: map(text()).describe('Labels of every series.'),
  send_timestamps: bool()
    .default(false)
    .describe("Whether samples have their own times, not the scraper's."),
  metric_expiration: duration()
    .default(FIVE_MINUTES_MS)
    .check((ms) => ms <= 0 && `metric_expiration must be positive, got ${ms}ms`)
    .describe('A series without news is shown for so long.'),
  enable_open_metrics: bool()
    .default(false)
    .describe('Whether who asks for OpenMetrics gets it, with exemplars.'),
  without_scope_info: bool()
    .default(false)
    .describe('Whether series go without otel_scope_name and its like.'),
  resource_constant_labels: optional(
    object({
      included: list(text()).describe('Keys of resource attributes, * and ? as wildcards.'),
      excluded: list(text()).describe('Those that stay out, of the included or else of all.'),
    }),
  ).describe('Resource attributes that become labels; overrides resource_to_telemetry_conversion.'),
  sending_queue: refused('values are kept in memory at once, so nothing ever waits'),
})

export type PrometheusConfig = Infer<typeof schema>
