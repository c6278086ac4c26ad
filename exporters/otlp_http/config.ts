import { enumOf, type Infer, object } from '../../config/fields.ts'
import { timeoutField } from '../../pipeline/exporter_helper.ts'
import { levelFault } from '../../pipeline/net/compression.ts'
import { httpClientFields } from '../../pipeline/net/http_client_fields.ts'
import { httpUrl } from '../../pipeline/net/http_url.ts'
import { queueFields } from '../../pipeline/queue.ts'
import { retryFields } from '../../pipeline/retry.ts'

/** What stands under `exporters::otlp_http`. */
export const schema = object({
  endpoint: httpUrl().describe('Base URL of the backend; /v1/traces and its like are added.'),
  traces_endpoint: httpUrl().describe('Full URL for traces; wins over endpoint.'),
  metrics_endpoint: httpUrl().describe('Full URL for metrics; wins over endpoint.'),
  logs_endpoint: httpUrl().describe('Full URL for logs; wins over endpoint.'),
  profiles_endpoint: httpUrl().describe('Full URL for profiles; wins over endpoint.'),
  encoding: enumOf(['proto', 'json'], (found) => `invalid encoding type: ${found}`)
    .default('proto')
    .describe('How requests are written; profiles are protobuf always.'),
  timeout: timeoutField(30_000),
  ...httpClientFields,
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
    ({ compression, compression_params: { level } }) => levelFault(compression, level),
    'compression_params::level',
  )

export type OtlpHttpConfig = Infer<typeof schema>
