import type { SecureContextOptions } from 'node:tls'
import type { ExportResponse, IExporterTransport } from '@opentelemetry/otlp-exporter-base'
import { compressor } from '../net/compression.ts'
import { GrpcClient } from '../net/grpc_client.ts'
import { frame } from '../net/grpc_frame.ts'
import { isRetryable, StatusError } from '../net/grpc_status.ts'
import { parseTarget } from '../net/grpc_target.ts'
import { proxyFor } from '../net/proxy.ts'
import { trustedBy } from '../net/tls_fields.ts'
import { USER_AGENT } from '../net/user_agent.ts'

export interface GrpcTransportOptions {
  readonly url: URL
  /** `/package.Service/Method` */
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly gzip: boolean
  readonly tls: SecureContextOptions
}

/** Carries what the SDK's exporters have serialized over gRPC. Connects with the first of it. */
export class GrpcTransport implements IExporterTransport {
  readonly #method: string
  readonly #compressor: ReturnType<typeof compressor>
  readonly #client: GrpcClient
  readonly #headers: Readonly<Record<string, string>>

  constructor({ url, method, headers, gzip, tls }: GrpcTransportOptions) {
    const secure = url.protocol === 'https:'
    const authority = `${url.hostname}:${url.port || (secure ? 443 : 80)}`
    const target = parseTarget(authority)
    if (target === undefined) throw new Error(`invalid endpoint "${url.href}"`)
    this.#method = method
    this.#compressor = compressor(gzip ? 'gzip' : 'none', 0)
    this.#client = new GrpcClient({
      target,
      secure,
      tls: () => (secure ? trustedBy(tls) : undefined),
      authority,
      keepalive: undefined,
      proxy: proxyFor(new URL(`https://${authority}`), '', process.env),
      balancer: 'pick_first',
      waitForReady: false,
    })
    this.#headers = {
      'user-agent': USER_AGENT,
      ...(this.#compressor && { 'grpc-encoding': 'gzip' }),
      ...headers,
    }
  }

  async send(data: Uint8Array, timeoutMillis: number): Promise<ExportResponse> {
    const packed = await this.#compressor?.compress([data])
    const framed = frame([packed ?? data], packed !== undefined)
    const limit = AbortSignal.timeout(timeoutMillis)
    try {
      const { message } = await this.#client.call(this.#method, this.#headers, framed, limit)
      return { status: 'success', data: message }
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause))
      if (!(error instanceof StatusError) || !isRetryable(error.status)) {
        return { status: 'failure', error }
      }
      const { retryAfterMs } = error.status
      const wait = retryAfterMs === undefined ? {} : { retryInMillis: retryAfterMs }
      return { status: 'retryable', error, ...wait }
    }
  }

  shutdown(): void {
    this.#client.close()
  }
}
