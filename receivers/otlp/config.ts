import {
  bool,
  duration,
  endpoint,
  enumOf,
  headers,
  type Infer,
  list,
  object,
  optional,
  size,
  text,
} from '../../config/fields.ts'
import { corsFields } from '../../pipeline/net/cors.ts'
import { parseHostPort } from '../../pipeline/net/host_port.ts'
import { CONTENT_ENCODINGS } from '../../pipeline/net/request_body.ts'
import { tlsServerFields } from '../../pipeline/net/tls_server_fields.ts'

const MIB = 1 << 20

const path = (signal: string) =>
  text().default(`/v1/${signal}`).describe(`Where ${signal} are sent to.`)

const http = object({
  endpoint: endpoint()
    .default('localhost:4318')
    .check((value) => parseHostPort(value) === undefined && `expected host:port, got "${value}"`)
    .describe('Where to listen.'),
  traces_url_path: path('traces'),
  metrics_url_path: path('metrics'),
  logs_url_path: path('logs'),
  max_request_body_size: size()
    .min(0)
    .default(20 * MIB)
    .describe('Of a body, before and after it is decompressed; 0 is 20 MiB.'),
  compression_algorithms: list(enumOf(CONTENT_ENCODINGS))
    .default([...CONTENT_ENCODINGS])
    .describe('Content-Encodings that are taken; the empty one is a plain body.'),
  include_metadata: bool()
    .default(false)
    .describe('Whether request headers go along, for processors that ask for them.'),
  cors: corsFields,
  tls: tlsServerFields,
  response_headers: headers().describe('Sent with each answer.'),
  read_timeout: duration().min(0).default(0).describe('For a whole request; 0 is no limit.'),
  read_header_timeout: duration()
    .min(0)
    .default(60_000)
    .describe('For the head of a request; 0 is no limit.'),
  idle_timeout: duration()
    .min(0)
    .default(0)
    .describe('For which a connection may be idle; 0 is no limit.'),
  keep_alives_enabled: bool().default(true).describe('Whether connections are kept.'),
})

/** What stands under `receivers::otlp`. */
export const schema = object({
  protocols: object({ http: optional(http).describe('OTLP over HTTP, protobuf and JSON.') })
    .check(
      (protocols) =>
        protocols.http === undefined &&
        'must specify at least one protocol when using the OTLP receiver',
    )
    .describe('What is spoken; a protocol that is not named is off.'),
})

export type OtlpConfig = Infer<typeof schema>
export type OtlpHttpConfig = NonNullable<OtlpConfig['protocols']['http']>
