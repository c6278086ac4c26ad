import {
  bool,
  duration,
  endpoint,
  headers,
  type Infer,
  int,
  object,
  optional,
  text,
} from '../../config/fields.ts'
import { corsFields } from '../../pipeline/net/cors.ts'
import { parseHostPort } from '../../pipeline/net/host_port.ts'
import { tlsServerFields } from '../../pipeline/net/tls_server_fields.ts'

const server = {
  endpoint: endpoint()
    .default('localhost:13133')
    .check((value) => parseHostPort(value) === undefined && `expected host:port, got "${value}"`)
    .describe('Where to listen.'),
  tls: tlsServerFields,
  cors: corsFields,
  response_headers: headers().describe('Sent with each answer.'),
  read_timeout: duration().min(0).default(0).describe('For a whole request; 0 is no limit.'),
  read_header_timeout: duration()
    .min(0)
    .default(60_000)
    .describe('For the head of a request; 0 is no limit.'),
  idle_timeout: duration()
    .min(0)
    .default(60_000)
    .describe('For which a connection may be idle; 0 is no limit.'),
  keep_alives_enabled: bool().default(true).describe('Whether connections are kept.'),
}

const serverFields = object(server)
export type HealthServerConfig = Infer<typeof serverFields>

const isPath = (value: string) => !value.startsWith('/') && 'path must start with /'

const http = object({
  ...server,
  status: object({
    enabled: bool().default(true).describe('Whether it is served.'),
    path: text().default('/status').check(isPath).describe('Where.'),
  }).describe('Status of the whole, or of `?pipeline=`; with `?verbose` of each component too.'),
  config: object({
    enabled: bool().default(false).describe('Whether it is served.'),
    path: text().default('/config').check(isPath).describe('Where.'),
  }).describe('The configuration that runs, secrets hidden.'),
})

const NO_GRPC = 'weir serves health over HTTP only: use http, whose usual port is 13133'

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

export const schema = object({
  ...server,
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
    .describe('Health from the status of components, by `http`; else the keys of version 1 hold.'),
  http: optional(http).describe('Version 2 over HTTP.'),
  grpc: optional(object({}).check(() => NO_GRPC)).describe('Refused: over HTTP only.'),
  component_health: componentHealth.describe('What counts as ill health in version 2.'),
}).check(
  ({ use_v2, http: over }) =>
    use_v2 && over === undefined && 'must be configured for at least one protocol: http',
  'use_v2',
)

export type HealthCheckConfig = Infer<typeof schema>
export type HttpV2Config = NonNullable<HealthCheckConfig['http']>
