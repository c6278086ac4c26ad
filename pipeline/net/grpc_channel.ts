import type { Schema } from '../../config/fields.ts'
import type { ClientInfo, Context } from '../component.ts'
import { authorized, type ClientAuthenticator, clientAuthenticator } from './auth.ts'
import { compressor } from './compression.ts'
import { decompress } from './decompress.ts'
import type { Answer } from './grpc_call.ts'
import { GrpcClient } from './grpc_client.ts'
import type { grpcClientFields } from './grpc_client_fields.ts'
import type { ClientKeepalive } from './grpc_connection.ts'
import { frame, httpCompression, isGrpcEncoding } from './grpc_frame.ts'
import { Code, type Status, statusOf } from './grpc_status.ts'
import { parseTarget, type Target } from './grpc_target.ts'
import { proxyFor } from './proxy.ts'
import { timeRpc } from './request_duration.ts'
import { tlsCommonOptions } from './tls_common.ts'
import { isPlain, type TlsClient, tlsClient } from './tls_fields.ts'
import { keepFresh } from './tls_reload.ts'
import { warnUnused } from './unused.ts'

export type GrpcClientConfig = {
  readonly [K in keyof typeof grpcClientFields]: (typeof grpcClientFields)[K] extends Schema<
    infer T
  >
    ? T
    : never
}

const MIN_KEEPALIVE_MS = 10_000
const DEFAULT_KEEPALIVE_TIMEOUT_MS = 20_000
const MAX_ANSWER_BYTES = 4 << 20

const OK: Status = { code: Code.ok, message: '' }

/** Bytes that leave in one piece if they are compressed, and else as they lie in memory. */
export interface Message {
  toProtobuf(): Uint8Array
  toPieces(): readonly Uint8Array[]
}

/** A gRPC client made of its configuration: TLS files, compression, authenticator, proxy. */
export class GrpcChannel {
  readonly #ctx: Context
  readonly #config: GrpcClientConfig
  readonly #target: Target
  readonly #secure: boolean
  readonly #compressor: ReturnType<typeof compressor>
  readonly #headers: Readonly<Record<string, string>>
  #tls: TlsClient | undefined
  #client: GrpcClient | undefined
  #authenticator: ClientAuthenticator | undefined
  #stopRefresh: (() => void) | undefined

  constructor(ctx: Context, config: GrpcClientConfig, userAgent: string) {
    const target = parseTarget(config.endpoint)
    if (target === undefined) throw new Error(`"${config.endpoint}" is no endpoint of gRPC`)
    this.#ctx = ctx
    this.#config = config
    this.#target = target
    this.#secure = !isPlain(config.tls) && target.secure !== false
    this.#compressor = compressor(httpCompression(config.compression), 0)
    this.#headers = {
      'user-agent': config.user_agent || userAgent,
      'grpc-accept-encoding': 'identity,gzip,zstd,snappy',
      ...(this.#compressor && { 'grpc-encoding': config.compression }),
      ...Object.fromEntries(
        [...config.headers].map(([name, value]) => [name.toLowerCase(), value.reveal()]),
      ),
    }
  }

  /** Reads the TLS files. Connects with the first call. */
  async open(): Promise<void> {
    const { tls, auth, read_buffer_size, write_buffer_size } = this.#config
    warnUnused(this.#ctx.log, { read_buffer_size, write_buffer_size })
    this.#authenticator = clientAuthenticator(this.#ctx, auth)
    if (this.#secure) {
      const files = await tlsCommonOptions(tls)
      this.#tls = tlsClient(tls, files)
      this.#stopRefresh = keepFresh(files, {
        intervalMs: tls.reload_interval,
        watched: '',
        read: () => tlsCommonOptions(tls),
        apply: (fresh) => {
          this.#tls = tlsClient(tls, fresh)
        },
        log: this.#ctx.log,
      })
    }
    this.#client = this.#newClient()
  }

  close(): void {
    this.#stopRefresh?.()
    this.#client?.close()
  }

  /** Resolves with the message of the answer. Rejects with `StatusError`. */
  async call(
    path: string,
    message: Message,
    timeoutMs: number,
    signal: AbortSignal,
    client?: ClientInfo,
  ): Promise<Buffer> {
    if (this.#client === undefined) throw new Error('the gRPC channel is not open')
    const bytes = await this.#compressor?.compress(message.toPieces())
    const own = {
      ...this.#headers,
      ...(timeoutMs > 0 && { 'grpc-timeout': `${Math.min(Math.ceil(timeoutMs), 99_999_999)}m` }),
    }
    const headers = await authorized(this.#authenticator, { headers: own, client })
    const framed = bytes === undefined ? frame(message.toPieces(), false) : frame([bytes], true)
    const done = timeRpc(this.#ctx.duration, 'client', path)
    try {
      const answer = await this.#client.call(path, headers, framed, signal)
      done(OK)
      return await plainAnswer(answer)
    } catch (error) {
      done(statusOf(error))
      throw error
    }
  }

  #newClient(): GrpcClient {
    const { config, target } = { config: this.#config, target: this.#target }
    const host = 'host' in target.at ? target.authority : ''
    const url = new URL(`${this.#secure ? 'https' : 'http'}://${host || 'localhost'}`)
    return new GrpcClient({
      target,
      secure: this.#secure,
      tls: () => this.#tls,
      authority: config.authority || target.authority,
      keepalive: keepaliveOf(config),
      // As Go's library does: gRPC looks at HTTPS_PROXY alone, and always asks for a tunnel.
      proxy: proxyFor(new URL(`https://${url.host}`), '', process.env),
      balancer: config.balancer_name === 'round_robin' ? 'round_robin' : 'pick_first',
      waitForReady: config.wait_for_ready,
    })
  }
}

function keepaliveOf({ keepalive }: GrpcClientConfig): ClientKeepalive | undefined {
  if (keepalive === undefined || keepalive.time === 0) return undefined
  return {
    timeMs: Math.max(keepalive.time, MIN_KEEPALIVE_MS),
    timeoutMs: keepalive.timeout || DEFAULT_KEEPALIVE_TIMEOUT_MS,
    withoutCalls: keepalive.permit_without_stream,
  }
}

/** An answer that cannot be decompressed says nothing, as all is well anyway. */
async function plainAnswer({ message, compressed, encoding }: Answer): Promise<Buffer> {
  if (!compressed) return message
  if (!isGrpcEncoding(encoding) || encoding === 'identity') return Buffer.alloc(0)
  return decompress(message, encoding, MAX_ANSWER_BYTES).catch(() => Buffer.alloc(0))
}
