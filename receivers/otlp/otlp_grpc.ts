import type { IncludedMetadata } from '../../pipeline/net/credentials.ts'
import type { GrpcCall, GrpcMethod } from '../../pipeline/net/grpc_server.ts'
import { infoOfCall } from '../../pipeline/net/grpc_server_options.ts'
import { Code, StatusError } from '../../pipeline/net/grpc_status.ts'
import type { Take } from './take.ts'

const NOTHING = () => undefined

/** How requests of one signal are taken. */
export function grpcMethod(take: Take, config: IncludedMetadata): GrpcMethod {
  const handle = async (message: Buffer, call: GrpcCall) => {
    const taken = await take.take(message, 'proto', infoOfCall(call, config))
    if (taken.kind === 'taken') return
    // What Go's library answers when a message cannot be decoded; senders know it.
    const text = `grpc: error unmarshalling request: ${taken.reason}`
    throw new StatusError({ code: Code.internal, message: text })
  }
  return { admit: (bytes) => take.admit?.(bytes) ?? NOTHING, handle }
}
