import { bool, duration, type Infer, int, list, object, text } from '../../config/fields.ts'

const BUCKETS_MS = [2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1000, 1400, 2000, 5000, 10_000, 15_000]

export const schema = object({
  latency_histogram_buckets: list(duration().min(0)).describe(
    'Upper bounds of the buckets; none: 2ms to 15s, as in span_metrics.',
  ),
  exponential_histogram_max_size: int()
    .default(0)
    .describe('Buckets at most of exponential histograms; 0: the buckets have given bounds.'),
  dimensions: list(text()).describe(
    'Attributes of resources or spans that become labels, with client_ or server_ before them.',
  ),
  store: object({
    ttl: duration().min(0).default(2000).describe('How long a span waits for the other side.'),
    max_items: int()
      .min(1)
      .default(1000)
      .describe('Requests that wait at most; spans of others are left out, and counted.'),
  }).describe('Requests of which one side is known.'),
  cache_loop: duration()
    .default(60_000)
    .describe('How often series that nothing was added to for 15 minutes are let go.'),
  store_expiration_loop: duration()
    .default(2000)
    .describe('How often requests are looked for that waited too long.'),
  virtual_node_peer_attributes: list(text())
    .default(['peer.service', 'db.name', 'db.system'])
    .describe('Attributes of a client span that name who sends no spans; []: no virtual nodes.'),
  virtual_node_extra_label: bool()
    .default(false)
    .describe('Whether the label virtual_node says which side is a virtual node.'),
  database_name_attributes: list(text())
    .default(['db.name'])
    .describe('Attributes of a client span that name a database, which is its other side then.'),
  database_name_attribute: text().default('').describe('One more of them, by the old name.'),
  metrics_flush_interval: duration()
    .min(0)
    .default(60_000)
    .describe('How often metrics are sent; 0: after each batch of spans.'),
  metrics_timestamp_offset: duration()
    .min(0)
    .default(0)
    .describe('What is taken off the times of metrics.'),
  metrics_exporter: text()
    .default('')
    .describe('Not used: metrics go into the pipeline that the connector begins.'),
})
  .check(
    ({ exponential_histogram_max_size: size }) =>
      size < 0 && '`exponential_histogram_max_size` can not be negative',
  )
  .check(
    ({ latency_histogram_buckets: buckets, exponential_histogram_max_size: size }) =>
      buckets.length > 0 &&
      size > 0 &&
      'use either `latency_histogram_buckets` or `exponential_histogram_max_size`',
  )

export type ServiceGraphConfig = Infer<typeof schema>

/** Upper bounds in seconds; undefined if histograms are exponential. */
export function boundsOf(config: ServiceGraphConfig): readonly number[] | undefined {
  if (config.exponential_histogram_max_size > 0) return undefined
  const { latency_histogram_buckets: given } = config
  return (given.length > 0 ? given : BUCKETS_MS).map((ms) => ms / 1000)
}
