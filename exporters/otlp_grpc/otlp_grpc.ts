import { parsePartialSuccess } from '../../pipeline/codec/response.ts'
import {
  type BatchOf,
  type Component,
  type Consumer,
  type Context,
  RefusedError,
  type Signal,
} from '../../pipeline/component.ts'
import { ExporterHelper } from '../../pipeline/exporter_helper.ts'
import { GrpcChannel } from '../../pipeline/net/grpc_channel.ts'
import { codeName, isRetryable, StatusError } from '../../pipeline/net/grpc_status.ts'
import { reportPartialSuccess } from '../../pipeline/net/partial_success.ts'
import { USER_AGENT } from '../../pipeline/net/user_agent.ts'
import { queueOf } from '../../pipeline/profiles_queue.ts'
import type { OtlpGrpcConfig } from './config.ts'

const METHODS: Record<Signal, string> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  profiles: '/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export',
}

/** Calls Export with batches as OTLP. Source: https://opentelemetry.io/docs/specs/otlp/#otlpgrpc */
export class OtlpGrpcExporter<S extends Signal> implements Component, Consumer<BatchOf[S]> {
  readonly #ctx: Context
  readonly #config: OtlpGrpcConfig
  readonly #signal: S
  readonly #channel: GrpcChannel
  readonly #helper: ExporterHelper<BatchOf[S]>

  constructor(ctx: Context, config: OtlpGrpcConfig, signal: S) {
    this.#ctx = ctx
    this.#config = config
    this.#signal = signal
    this.#channel = new GrpcChannel(ctx, config, USER_AGENT)
    this.#helper = new ExporterHelper(
      ctx,
      signal,
      {
        timeoutMs: config.timeout,
        queue: queueOf(config.sending_queue, signal),
        retry: config.retry_on_failure,
      },
      (batch, abort) => this.#send(batch, abort),
    )
  }

  async start(): Promise<void> {
    await this.#channel.open()
    await this.#helper.start()
  }

  consume(batch: BatchOf[S], info: Parameters<Consumer<BatchOf[S]>['consume']>[1]): Promise<void> {
    return this.#helper.consume(batch, info)
  }

  async shutdown(deadline: AbortSignal): Promise<void> {
    await this.#helper.shutdown(deadline)
    this.#channel.close()
  }

  async #send(batch: BatchOf[S], signal: AbortSignal): Promise<void> {
    const answer = await this.#channel
      .call(METHODS[this.#signal], batch, this.#config.timeout, signal)
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
