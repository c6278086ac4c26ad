import {
  bool,
  duration,
  endpoint,
  enumOf,
  headers,
  type Infer,
  int,
  list,
  object,
  optional,
  text,
} from '../../config/fields.ts'
import { corsFields } from './cors.ts'
import { CONTENT_ENCODINGS } from './decompress.ts'
import { endpointFault, TRANSPORTS, transportFault } from './listen.ts'
import { includeTlsMetadata } from './metadata_fields.ts'
import { refusedMiddlewares } from './refused.ts'
import { tlsServerFields } from './tls_server_fields.ts'

const MIB = 1 << 20

const limit = (defaultMs: number, text: string) =>
  duration().min(0).default(defaultMs).describe(text)

/** What every HTTP server takes, with the Collector's names and the defaults of its `otlp` receiver; `more` is its own. */
export const httpServerFields = <F extends Parameters<typeof object>[0]>(
  defaultEndpoint: string,
  more: F,
) =>
  object({
    endpoint: endpoint().default(defaultEndpoint).describe('Where to listen.'),
    transport: enumOf(TRANSPORTS, transportFault)
      .default('tcp')
      .describe('With unix, the endpoint is the path of a socket.'),
    ...more,
    max_request_body_size: int()
      .default(20 * MIB)
      .describe('Of a body, before and after it is decompressed; 0 is 20 MiB.'),
    compression_algorithms: list(enumOf(CONTENT_ENCODINGS))
      .default([...CONTENT_ENCODINGS])
      .describe('Content-Encodings that are taken; the empty one is a plain body.'),
    include_metadata: bool()
      .default(false)
      .describe('Whether request headers go along, for processors that ask for them.'),
    include_tls_metadata: includeTlsMetadata,
    auth: optional(
      object({
        authenticator: text().nonEmpty().describe('The extension that does it.'),
        request_params: list(text()).describe('Parameters of the URL that count as headers.'),
      }),
    ).describe('Who may send.'),
    cors: corsFields,
    tls: tlsServerFields,
    response_headers: headers().describe('Sent with each answer.'),
    read_timeout: limit(0, 'For a whole request; 0 is no limit.'),
    read_header_timeout: limit(60_000, 'For the head of a request; 0 is no limit.'),
    write_timeout: limit(
      30_000,
      'From the head of a request to the end of its answer; 0 is no limit.',
    ),
    idle_timeout: limit(0, 'For which a connection may be idle; 0 is no limit.'),
    keep_alives_enabled: bool().default(true).describe('Whether connections are kept.'),
    middlewares: refusedMiddlewares,
  }).check(
    (server) => endpointFault(server as unknown as Parameters<typeof endpointFault>[0]),
    'endpoint',
  )

const plain = httpServerFields('', {})
export type HttpServerConfig = Infer<typeof plain>
