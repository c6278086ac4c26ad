import type { ClientInfo } from '../../pipeline/component.ts'
import { type GrpcCall, type GrpcMethod, metadataOf } from '../../pipeline/net/grpc_server.ts'
import { Code, StatusError } from '../../pipeline/net/grpc_status.ts'
import type { Take } from './take.ts'

const NOTHING = () => undefined
const NO_METADATA: ReadonlyMap<string, readonly string[]> = new Map()

/** How requests of one signal are taken. */
export function grpcMethod(take: Take, includeMetadata: boolean): GrpcMethod {
  const handle = async (message: Buffer, call: GrpcCall) => {
    const client = clientOf(call, includeMetadata)
    const headerOf = (name: string) => [call.headers[name]].flat()[0]
    const info = { client, signal: call.signal, transport: 'grpc', headerOf } as const
    const taken = await take.take(message, 'proto', info)
    if (taken.kind === 'taken') return
    // What Go's library answers when a message cannot be decoded; senders know it.
    const text = `grpc: error unmarshalling request: ${taken.reason}`
    throw new StatusError({ code: Code.internal, message: text })
  }
  return { admit: (bytes) => take.admit?.(bytes) ?? NOTHING, handle }
}

const clientOf = (
  { address, headers, identity: auth }: GrpcCall,
  includeMetadata: boolean,
): ClientInfo => ({
  address,
  metadata: includeMetadata ? metadataOf(headers) : NO_METADATA,
  ...(auth && { auth }),
})
