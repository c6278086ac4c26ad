import { bool, duration, type Infer, int, object, optional, text } from '../../config/fields.ts'
import { grpcServerFields } from '../../pipeline/net/grpc_server_fields.ts'
import { httpServerFields } from '../../pipeline/net/http_server_fields.ts'

const isPath = (value: string) => !value.startsWith('/') && 'path must start with /'

const http = httpServerFields('localhost:13133', {
  status: object({
    enabled: bool().default(true).describe('Whether it is served.'),
    path: text().default('/status').check(isPath).describe('Where.'),
  }).describe('Status of the whole, or of `?pipeline=`; with `?verbose` of each component too.'),
  config: object({
    enabled: bool().default(false).describe('Whether it is served.'),
    path: text().default('/config').check(isPath).describe('Where.'),
  }).describe('The configuration that runs, secrets hidden.'),
})

const componentHealth = object({
  include_permanent_errors: bool()
    .default(false)
    .describe('Whether a permanent error of a component is ill health.'),
  include_recoverable_errors: bool()
    .default(false)
    .describe('Whether a recoverable error is, once it has lasted `recovery_duration`.'),
  recovery_duration: duration()
    .min(0)
    .default(60_000)
    .describe('For which a recoverable error may last.'),
})

export type ComponentHealth = Infer<typeof componentHealth>

export const schema = httpServerFields('localhost:13133', {
  path: text().default('/').check(isPath).describe('Where the answer is; `/` is everywhere.'),
  response_body: optional(
    object({
      healthy: text().default('').describe('While weir runs.'),
      unhealthy: text().default('').describe('Before and after.'),
    }),
  ).describe('Bodies in place of the JSON.'),
  check_collector_pipeline: object({
    enabled: bool().default(false).describe('No effect, as in the Collector; use_v2 does it.'),
    interval: duration().default(300_000).describe('No effect.'),
    exporter_failure_threshold: int()
      .default(5)
      .check((n) => n <= 0 && 'exporter_failure_threshold expects a positive number')
      .describe('No effect.'),
  }).describe('Checks nothing, as in the Collector.'),
  use_v2: bool()
    .default(false)
    .describe(
      'Health from the status of components, by `http` and `grpc`; else the keys of version 1 hold.',
    ),
  http: optional(http).describe('Version 2 over HTTP.'),
  grpc: optional(grpcServerFields('localhost:13132')).describe(
    'Version 2 as the service grpc.health.v1.Health: Check, of the whole or of a pipeline by its id.',
  ),
  component_health: componentHealth.describe('What counts as ill health in version 2.'),
}).check(
  ({ use_v2, http: over, grpc }) =>
    use_v2 &&
    over === undefined &&
    grpc === undefined &&
    'must be configured for at least one protocol: http or grpc',
  'use_v2',
)

export type HealthCheckConfig = Infer<typeof schema>
