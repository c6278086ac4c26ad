import { ProtobufReader } from '../../pipeline/codec/protobuf_reader.ts'
import type { Context } from '../../pipeline/component.ts'
import { serverAuthenticator } from '../../pipeline/net/auth.ts'
import { GrpcServer } from '../../pipeline/net/grpc_server.ts'
import type { GrpcServerConfig } from '../../pipeline/net/grpc_server_fields.ts'
import { grpcServerOptions } from '../../pipeline/net/grpc_server_options.ts'
import { Code, StatusError } from '../../pipeline/net/grpc_status.ts'
import type { Health } from './probes.ts'

const CHECK = '/grpc.health.v1.Health/Check'
const SERVICE_FIELD = (1 << 3) | 2
const SERVING = Uint8Array.of(0x08, 1)
const NOT_SERVING = Uint8Array.of(0x08, 2)
const MAX_MESSAGE_BYTES = 4096 // a probe is the name of a pipeline

/** Serves grpc.health.v1.Health/Check. Source: https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
export function grpcProbe(ctx: Context, config: GrpcServerConfig, health: Health): GrpcServer {
  const authenticator = serverAuthenticator(ctx, config.auth)
  const handle = async (message: Buffer): Promise<Uint8Array> => {
    const status = health.status(serviceOf(message))
    if (status === undefined) {
      throw new StatusError({ code: Code.notFound, message: 'unknown service' })
    }
    return health.isServing(status) ? SERVING : NOT_SERVING
  }
  return new GrpcServer(
    {
      ...grpcServerOptions(ctx, config, authenticator),
      maxMessageBytes: MAX_MESSAGE_BYTES,
      windowBytes: 0,
    },
    new Map([[CHECK, { handle }]]),
  )
}

function serviceOf(message: Buffer): string {
  const r = new ProtobufReader(message)
  let service = ''
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === SERVICE_FIELD) service = r.string()
    else r.skip(tag, 0)
  }
  if (r.fault !== undefined) {
    const text = `grpc: error unmarshalling request: ${r.fault}`
    throw new StatusError({ code: Code.internal, message: text })
  }
  return service
}
