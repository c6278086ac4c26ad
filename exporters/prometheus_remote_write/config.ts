import { validateHeaderName } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import {
  bool,
  duration,
  enumOf,
  type Infer,
  int,
  list,
  map,
  object,
  optional,
  text,
} from '../../config/fields.ts'
import { timeoutField } from '../../pipeline/exporter_helper.ts'
import { httpClientFields } from '../../pipeline/net/http_client_fields.ts'
import { httpUrl } from '../../pipeline/net/http_url.ts'
import { refused } from '../../pipeline/net/refused.ts'
import { translationFields } from '../../pipeline/prometheus/translation_fields.ts'
import { retryFieldsSoon } from '../../pipeline/retry.ts'

const positive = (key: string) => (n: number) => n <= 0 && `\`${key}\` must be positive, got ${n}`

const notSnappy = (found: string) =>
  `compression must be snappy, as remote write knows no other, got "${found}"`

const noMessage = (found: string) =>
  `protobuf_message must be prometheus.WriteRequest (1.0) or io.prometheus.write.v2.Request (2.0), got "${found}"`

export const BUFFER_SIZE = 300

const walFields = object({
  directory: text()
    .check((value) => value === '' && 'directory must be specified')
    .describe('Where the file of the queue is; made if it is not there.'),
  buffer_size: int()
    .default(BUFFER_SIZE)
    .check(positive('buffer_size'))
    .describe('No effect: each batch leaves the disk once it is sent.'),
  truncate_frequency: duration()
    .default(60_000)
    .check(positive('truncate_frequency'))
    .describe('How often a file that has been large gives its space back.'),
})

const clientFields = {
  endpoint: httpUrl().describe('Full URL, as http://prometheus:9090/api/v1/write.'),
  ...httpClientFields,
  compression: enumOf(['snappy', ''], notSnappy)
    .default('snappy')
    .describe('Snappy, whatever is said: remote write knows no other.'),
  compression_params: refused('snappy has no levels'),
}

const noEndpoint = 'endpoint must be specified'

/** What the protocol itself says. */
const RESERVED = new Set([
  'content-encoding',
  'content-type',
  'user-agent',
  'x-prometheus-remote-write-version',
])

function headerFault(key: string): string | false {
  const collision = `include_metadata_keys entry "${key}" collides with a reserved remote write header`
  if (RESERVED.has(key.toLowerCase())) return collision
  try {
    validateHeaderName(key)
    return false
  } catch {
    return `"${key}" is no name of a header`
  }
}

/** What stands under `exporters::prometheus_remote_write`. */
export const schema = object({
  ...clientFields,
  http: optional(
    object({
      ...clientFields,
      timeout: timeoutField(5000).describe('Longest time of one request; 0 is no limit.'),
    }).check(({ endpoint }) => endpoint === '' && noEndpoint, 'endpoint'),
  ).describe(
    'The options of the HTTP client in a section of their own, in the place of those beside it.',
  ),
  ...translationFields,
  timeout: timeoutField(5000),
  include_metadata_keys: list(text().check(headerFault)).describe(
    'What of the metadata of a client, as its HTTP headers, goes along as headers of each request.',
  ),
  convert_explicit_histograms_to_nhcb: bool()
    .default(false)
    .describe('Whether histograms become native ones with custom buckets, in the place of series.'),
  keep_classic_histograms: bool()
    .default(false)
    .describe('Whether those series are sent beside convert_explicit_histograms_to_nhcb.'),
  external_labels: map(text())
    .check((labels) => [...labels].some(([, value]) => value === '') && 'a label must have a value')
    .describe('Labels of every series; its own win over them.'),
  send_metadata: bool().default(false).describe('Whether type, help and unit of names are sent.'),
  target_info: object({
    enabled: bool().default(true).describe('Whether target_info is sent.'),
  }).describe('A series with the attributes of each resource.'),
  disable_scope_info: bool()
    .default(false)
    .describe('Whether series go without otel_scope_name and its like.'),
  max_batch_size_bytes: int()
    .default(3_000_000)
    .check(positive('max_batch_size_bytes'))
    .describe('Longest request before compression; a series that is longer goes alone.'),
  max_batch_request_parallelism: int()
    .check(positive('max_batch_request_parallelism'))
    .describe('Requests of a batch that are under way at the same time; wins over num_consumers.')
    .optional(),
  remote_write_queue: object({
    enabled: bool().default(true).describe('Whether batches wait in memory.'),
    queue_size: int()
      .default(10_000)
      .check(positive('queue_size'))
      .describe('Most batches that wait or are under way.'),
    num_consumers: int()
      .default(5)
      .check(positive('num_consumers'))
      .describe('Requests of a batch that are under way at the same time.'),
  }).describe('A queue between the pipeline and the network; one batch after the other leaves it.'),
  retry_on_failure: retryFieldsSoon,
  protobuf_message: enumOf(['prometheus.WriteRequest', 'io.prometheus.write.v2.Request'], noMessage)
    .default('prometheus.WriteRequest')
    .describe('The message of remote write 1.0, or of 2.0: who does not understand that gets 1.0.'),
  wal: optional(walFields).describe('A queue on disk in the place of that in memory.'),
}).check(({ endpoint, http }) => http === undefined && endpoint === '' && noEndpoint, 'endpoint')

export type RemoteWriteConfig = Infer<typeof schema>

/** The options of the client, wherever they stand; `timeout` is that of one request. */
export const clientOf = (config: RemoteWriteConfig) => config.http ?? { ...config, timeout: 0 }

/** Options of the client beside `http`, which wins. */
export function shadowed(config: RemoteWriteConfig): readonly string[] {
  if (config.http === undefined) return []
  const defaults: Readonly<Record<string, unknown>> = object(clientFields).parse({})
  return Object.entries(config)
    .filter(([key, value]) => key in defaults && !isDeepStrictEqual(value, defaults[key]))
    .map(([key]) => key)
}
