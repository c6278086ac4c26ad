import { bool, endpoint, enumOf, headers, type Infer, int, object } from '../../config/fields.ts'
import { timeoutField } from '../../pipeline/exporter_helper.ts'
import { compressionField, compressionParams, maxLevel } from '../../pipeline/net/compression.ts'
import { tlsClientFields } from '../../pipeline/net/tls_fields.ts'
import { queueFields } from '../../pipeline/queue.ts'
import { retryFields } from '../../pipeline/retry.ts'

const url = () =>
  endpoint()
    .default('')
    .check((value) => value !== '' && !isHttpUrl(value) && notAUrl(value))

/** What stands under `exporters::otlp_http`. */
export const schema = object({
  endpoint: url().describe('Base URL of the backend; /v1/traces and its like are added.'),
  traces_endpoint: url().describe('Full URL for traces; wins over endpoint.'),
  metrics_endpoint: url().describe('Full URL for metrics; wins over endpoint.'),
  logs_endpoint: url().describe('Full URL for logs; wins over endpoint.'),
  profiles_endpoint: url().describe('Full URL for profiles; wins over endpoint.'),
  encoding: enumOf(['proto', 'json'], (found) => `invalid encoding type: ${found}`)
    .default('proto')
    .describe('How requests are written; profiles are protobuf always.'),
  compression: compressionField().default('gzip'),
  compression_params: compressionParams,
  timeout: timeoutField(30_000),
  headers: headers().describe('Sent with each request; they win over our own.'),
  tls: tlsClientFields,
  max_conns_per_host: int()
    .min(0)
    .default(0)
    .describe('Most connections at a time; 0 is no limit.'),
  max_idle_conns_per_host: int().min(0).default(100).describe('Idle connections that are kept.'),
  disable_keep_alives: bool().default(false).describe('A new connection for each request.'),
  sending_queue: queueFields,
  retry_on_failure: retryFields,
})
  .check(
    (config) =>
      [
        config.endpoint,
        config.traces_endpoint,
        config.metrics_endpoint,
        config.logs_endpoint,
        config.profiles_endpoint,
      ].every((one) => one === '') && 'at least one endpoint must be specified',
  )
  .check(
    ({ compression, compression_params: { level } }) =>
      level > maxLevel(compression) &&
      `compression_params::level: found ${level}, ${compression} has ${maxLevel(compression)} at most`,
    'compression_params',
  )

export type OtlpHttpConfig = Infer<typeof schema>

function isHttpUrl(value: string): boolean {
  return /^https?:\/\/[^/]/.test(value) && URL.canParse(value)
}

const notAUrl = (value: string) => {
  const plain = URL.canParse(`http://${value}`) ? `, as in "http://${value}"` : ''
  return `expected a URL that begins with http:// or https://${plain}, got "${value}"`
}
