import type { Context, Info } from '../component.ts'
import type { ServerAuthenticator } from './auth.ts'
import { type IncludedMetadata, includedMetadata } from './credentials.ts'
import { type GrpcCall, type GrpcServerOptions, metadataOf } from './grpc_server.ts'
import type { GrpcServerConfig } from './grpc_server_fields.ts'
import { parseListen } from './listen.ts'
import { warnUnused } from './unused.ts'

const MIB = 1 << 20
const DEFAULT_MESSAGE_MIB = 4

/** How a gRPC server is made of its configuration. Throws if the endpoint is none. */
export function grpcServerOptions(
  ctx: Context,
  config: GrpcServerConfig,
  authenticator: ServerAuthenticator | undefined,
): GrpcServerOptions {
  const where = parseListen(config.endpoint, config.transport)
  if (where === undefined) throw new Error(`"${config.endpoint}" is no endpoint`)
  warnUnused(ctx.log, { write_buffer_size: config.write_buffer_size })
  return {
    where,
    transport: config.transport,
    tls: config.tls,
    maxMessageBytes: (config.max_recv_msg_size_mib || DEFAULT_MESSAGE_MIB) * MIB,
    maxStreams: config.max_concurrent_streams,
    windowBytes: config.read_buffer_size,
    keepalive: config.keepalive,
    log: ctx.log,
    duration: ctx.duration,
    rejected: (reason) => ctx.count(`rejected_requests_${reason}`, 1),
    authenticate: authenticator && ((headers) => authenticator.authenticate(headers)),
  }
}

/** What a call tells of its sender. */
export const infoOfCall = (call: GrpcCall, config: IncludedMetadata) =>
  ({
    client: {
      address: call.address,
      metadata: includedMetadata(
        config,
        () => metadataOf(call.headers),
        () => call.certificate,
      ),
      ...(call.identity && { auth: call.identity }),
    },
    signal: call.signal,
    transport: 'grpc',
    headerOf: (name: string) => [call.headers[name]].flat()[0],
  }) as const satisfies Info
