import { bool, endpoint, enumOf, type Infer, int, object } from '../../config/fields.ts'
import { authFields } from './auth.ts'
import { serverKeepaliveFields } from './grpc_keepalive.ts'
import { endpointFault, TRANSPORTS, transportFault } from './listen.ts'
import { includeTlsMetadata } from './metadata_fields.ts'
import { refusedMiddlewares } from './refused.ts'
import { bufferSize } from './sizes.ts'
import { tlsServerFields } from './tls_server_fields.ts'

const KIB = 1 << 10
const MAX_MIB = 2047 // what a buffer of Node can hold
const MAX_UINT_32 = 2 ** 32 - 1

/** What every gRPC server takes, with the Collector's names. */
export const grpcServerFields = (defaultEndpoint: string) =>
  object({
    endpoint: endpoint().default(defaultEndpoint).describe('Where to listen.'),
    transport: enumOf(TRANSPORTS, transportFault)
      .default('tcp')
      .describe('With unix, the endpoint is the path of a socket.'),
    tls: tlsServerFields,
    max_recv_msg_size_mib: int()
      .check(
        (mib) =>
          (mib < 0 || mib > MAX_MIB) &&
          `invalid max_recv_msg_size_mib value, must be between 1 and ${MAX_MIB}: ${mib}`,
      )
      .default(0)
      .describe('Of a message, before and after it is decompressed; 0 is 4 MiB.'),
    max_concurrent_streams: int()
      .min(0)
      .max(MAX_UINT_32)
      .default(0)
      .describe('Calls at the same time on one connection; 0 is no limit.'),
    read_buffer_size: bufferSize('read_buffer_size', 512 * KIB)
      .max(64 << 20)
      .describe(
        'Bytes of one call that a client may send ahead of what was read; 64 KiB at least.',
      ),
    write_buffer_size: bufferSize('write_buffer_size', 0).describe(
      'Taken, but without effect: answers are a few bytes and leave at once.',
    ),
    keepalive: serverKeepaliveFields,
    auth: authFields,
    include_metadata: bool()
      .default(false)
      .describe('Whether request headers go along, for processors that ask for them.'),
    include_tls_metadata: includeTlsMetadata,
    middlewares: refusedMiddlewares,
  }).check(endpointFault, 'endpoint')

export type GrpcServerConfig = Infer<ReturnType<typeof grpcServerFields>>
