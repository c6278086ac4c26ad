import { endpoint, type Infer, int, object, optional } from '../../config/fields.ts'
import { grpcServerFields } from '../../pipeline/net/grpc_server_fields.ts'
import { parseHostPort } from '../../pipeline/net/host_port.ts'
import { httpServerFields } from '../../pipeline/net/http_server_fields.ts'
import { refused } from '../../pipeline/net/refused.ts'

const udp = (defaultEndpoint: string) =>
  object({
    endpoint: endpoint()
      .default(defaultEndpoint)
      .describe('Where to listen.')
      .check((found) => parseHostPort(found) === undefined && `expected host:port, got "${found}"`),
    queue_size: int().min(1).default(1000).describe('Packets that wait; others are dropped.'),
    max_packet_size: int().min(1).default(65_000).describe('Larger packets are dropped.'),
    workers: int().min(1).default(10).describe('Packets that are in the pipeline at once.'),
    socket_buffer_size: int()
      .min(0)
      .default(0)
      .describe('Bytes that the kernel may keep; 0 is its own choice.'),
  })

/** What stands under `receivers::jaeger`. */
export const schema = object({
  protocols: object({
    grpc: optional(grpcServerFields('localhost:14250')).describe('api_v2 over gRPC.'),
    thrift_http: optional(httpServerFields('localhost:14268', {})).describe(
      'Thrift over HTTP, by POST to /api/traces.',
    ),
    thrift_compact: optional(udp('localhost:6831')).describe('Compact Thrift over UDP.'),
    thrift_binary: optional(udp('localhost:6832')).describe('Binary Thrift over UDP.'),
  })
    .check(
      ({ grpc, thrift_http, thrift_compact, thrift_binary }) =>
        [grpc, thrift_http, thrift_compact, thrift_binary].every((one) => one === undefined) &&
        'must specify at least one protocol when using the Jaeger receiver',
    )
    .describe('What is spoken; a protocol that is not named is off.'),
  remote_sampling: refused('the Collector removed it, use its jaegerremotesampling extension'),
})

export type JaegerConfig = Infer<typeof schema>
export type UdpConfig = NonNullable<JaegerConfig['protocols']['thrift_compact']>
