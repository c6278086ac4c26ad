import { parsePartialSuccess } from '../codec/response.ts'
import {
  type BatchOf,
  type ClientInfo,
  type Context,
  RefusedError,
  type Signal,
} from '../component.ts'
import { type Destination, ExporterHelper, helperOptions } from '../exporter_helper.ts'
import { GrpcChannel } from '../net/grpc_channel.ts'
import { codeName, isRetryable, StatusError } from '../net/grpc_status.ts'
import { OTLP_METHODS } from '../net/otlp_methods.ts'
import { reportPartialSuccess } from '../net/partial_success.ts'
import { USER_AGENT } from '../net/user_agent.ts'
import type { OtlpGrpcConfig } from './config.ts'

/** Calls Export with batches as OTLP. Source: https://opentelemetry.io/docs/specs/otlp/#otlpgrpc */
class OtlpGrpcDestination<S extends Signal> implements Destination<BatchOf[S]> {
  readonly #ctx: Context
  readonly #config: OtlpGrpcConfig
  readonly #signal: S
  readonly #channel: GrpcChannel

  constructor(ctx: Context, config: OtlpGrpcConfig, signal: S) {
    this.#ctx = ctx
    this.#config = config
    this.#signal = signal
    this.#channel = new GrpcChannel(ctx, config, USER_AGENT)
  }

  open(): Promise<void> {
    return this.#channel.open()
  }

  close(): void {
    this.#channel.close()
  }

  async send(batch: BatchOf[S], signal: AbortSignal, client?: ClientInfo): Promise<void> {
    const answer = await this.#channel
      .call(OTLP_METHODS[this.#signal], batch, this.#config.timeout, signal, client)
      .catch((error) => this.#judge(error))
    if (answer.length === 0) return
    const partial = parsePartialSuccess(answer, 'proto', this.#signal)
    if (partial !== undefined) reportPartialSuccess(this.#ctx, this.#signal, partial)
  }

  /** Throws what says whether to try again. */
  #judge(error: unknown): never {
    if (!(error instanceof StatusError)) throw error
    const { status } = error
    const text = `${this.#config.endpoint}: rpc error: code = ${codeName(status.code)} desc = ${status.message}`
    if (!isRetryable(status)) throw new StatusError(status, text, { cause: error })
    const { retryAfterMs } = status
    throw new RefusedError(text, {
      cause: error,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    })
  }
}

export const otlpGrpcExporter = <S extends Signal>(
  ctx: Context,
  config: OtlpGrpcConfig,
  signal: S,
): ExporterHelper<BatchOf[S]> =>
  new ExporterHelper(
    ctx,
    signal,
    helperOptions(config),
    new OtlpGrpcDestination(ctx, config, signal),
  )
