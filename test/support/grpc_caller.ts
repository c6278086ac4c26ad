import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { GrpcClient, type GrpcClientOptions } from '../../pipeline/net/grpc_client.ts'
import { parseTarget } from '../../pipeline/net/grpc_target.ts'

/** What calls a server of this machine without TLS; its client is closed with the test. */
export function grpcCaller(t: TestContext, port: number, more: Partial<GrpcClientOptions> = {}) {
  const target = parseTarget(`127.0.0.1:${port}`)
  assert(target !== undefined)
  const client = new GrpcClient({
    target,
    secure: false,
    tls: () => undefined,
    authority: target.authority,
    keepalive: undefined,
    proxy: undefined,
    balancer: 'round_robin',
    waitForReady: false,
    ...more,
  })
  t.after(() => client.close())
  return () => client.call('/a/B', {}, [Buffer.alloc(5)], AbortSignal.timeout(20_000))
}
