import type { IncomingHttpHeaders } from 'node:http'
import { parsePartialSuccess, parseStatusMessage } from '../../pipeline/codec/response.ts'
import {
  type BatchOf,
  type Component,
  type Consumer,
  type Context,
  RefusedError,
  type Signal,
} from '../../pipeline/component.ts'
import { ExporterHelper } from '../../pipeline/exporter_helper.ts'
import { compressor } from '../../pipeline/net/compression.ts'
import { HttpClient, type HttpResponse } from '../../pipeline/net/http_client.ts'
import { retryAfterMs } from '../../pipeline/net/retry_after.ts'
import type { QueueConfig } from '../../pipeline/queue.ts'
import type { OtlpHttpConfig } from './config.ts'

const MAX_RESPONSE_BYTES = 64 << 10
const RETRYABLE = new Set([429, 502, 503, 504])
const THROTTLED = new Set([429, 503])
const ITEMS: Record<Signal, string> = {
  traces: 'dropped_spans',
  metrics: 'dropped_data_points',
  logs: 'dropped_log_records',
  profiles: 'dropped_profiles',
}

/** POSTs batches as OTLP. Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp */
export class OtlpHttpExporter<S extends Signal> implements Component, Consumer<BatchOf[S]> {
  readonly #ctx: Context
  readonly #config: OtlpHttpConfig
  readonly #signal: S
  readonly #url: URL
  readonly #client: HttpClient
  readonly #encoding: 'proto' | 'json'
  readonly #helper: ExporterHelper<BatchOf[S]>
  readonly #compressor: ReturnType<typeof compressor>

  constructor(ctx: Context, config: OtlpHttpConfig, signal: S) {
    this.#ctx = ctx
    this.#config = config
    this.#signal = signal
    this.#url = signalUrl(config, signal)
    this.#encoding = signal === 'profiles' ? 'proto' : config.encoding
    this.#compressor = compressor(config.compression, config.compression_params.level)
    this.#client = new HttpClient({
      tls: config.tls,
      headers: config.headers,
      maxConnections: config.max_conns_per_host,
      maxIdleConnections: config.max_idle_conns_per_host,
      keepAlive: !config.disable_keep_alives,
    })
    this.#helper = new ExporterHelper(
      ctx,
      signal,
      {
        timeoutMs: config.timeout,
        queue: queueOf(config, signal),
        retry: config.retry_on_failure,
      },
      (batch, abort) => this.#send(batch, abort),
    )
  }

  async start(): Promise<void> {
    if (this.#config.tls.insecure && this.#url.protocol === 'https:') {
      this.#ctx.log.warn('tls::insecure has no effect on an https:// endpoint.', {
        endpoint: printable(this.#url),
      })
    }
    await this.#client.open()
    await this.#helper.start()
  }

  consume(batch: BatchOf[S], info: Parameters<Consumer<BatchOf[S]>['consume']>[1]): Promise<void> {
    return this.#helper.consume(batch, info)
  }

  async shutdown(deadline: AbortSignal): Promise<void> {
    await this.#helper.shutdown(deadline)
    this.#client.close()
  }

  async #send(batch: BatchOf[S], signal: AbortSignal): Promise<void> {
    const plain = bytesOf(batch, this.#encoding)
    const body = this.#compressor === undefined ? plain : await this.#compressor.compress(plain)
    const headers = {
      'user-agent': USER_AGENT,
      'content-type': `application/${this.#encoding === 'json' ? 'json' : 'x-protobuf'}`,
      ...(this.#compressor && { 'content-encoding': this.#compressor.contentEncoding }),
    }
    const request = { url: this.#url, headers, body, signal, maxResponseBytes: MAX_RESPONSE_BYTES }
    this.#judge(await this.#client.post(request).catch((cause) => this.#unreachable(cause)))
  }

  #unreachable(cause: Error): never {
    const { code } = cause as NodeJS.ErrnoException
    throw new RefusedError(
      `POST ${printable(this.#url)}: ${code ?? cause.name}: ${cause.message}`,
      {
        cause,
      },
    )
  }

  /** Resolves for success, throws what says whether to try again. */
  #judge(response: HttpResponse): void {
    const encoding = bodyEncoding(response.headers, this.#encoding)
    if (response.status >= 200 && response.status < 300) {
      this.#partialSuccess(response, encoding)
      return
    }
    const said = parseStatusMessage(response.body, encoding)
    const message = `POST ${printable(this.#url)}: responded with HTTP Status Code ${response.status}${said && `, Message=${said}`}`
    if (!RETRYABLE.has(response.status)) throw new Error(message)
    const wait = THROTTLED.has(response.status)
      ? retryAfterMs(response.headers['retry-after'], Date.now())
      : undefined
    throw new RefusedError(message, wait === undefined ? {} : { retryAfterMs: wait })
  }

  #partialSuccess(response: HttpResponse, encoding: 'proto' | 'json'): void {
    const partial = parsePartialSuccess(response.body, encoding, this.#signal)
    if (partial === undefined) return
    this.#ctx.count('dropped_partial_success', partial.rejected)
    this.#ctx.log.warn('Partial success response', {
      message: partial.message,
      [ITEMS[this.#signal]]: partial.rejected,
    })
  }
}

const USER_AGENT = `weir (${process.platform}/${process.arch})`

const bytesOf = (batch: BatchOf[Signal], encoding: 'proto' | 'json'): Uint8Array =>
  encoding === 'json' && 'toJson' in batch ? Buffer.from(batch.toJson()) : batch.toProtobuf()

/** Requests of profiles cannot be joined or divided. */
function queueOf(
  { sending_queue: queue }: OtlpHttpConfig,
  signal: Signal,
): QueueConfig | undefined {
  return queue !== undefined && signal === 'profiles' ? { ...queue, batch: undefined } : queue
}

const OWN_ENDPOINT = {
  traces: 'traces_endpoint',
  metrics: 'metrics_endpoint',
  logs: 'logs_endpoint',
  profiles: 'profiles_endpoint',
} as const

/** The endpoint of the signal as it stands, else the base with its path added after one slash. */
export function signalUrl(config: OtlpHttpConfig, signal: Signal): URL {
  const own = config[OWN_ENDPOINT[signal]]
  if (own !== '') return new URL(own)
  if (config.endpoint === '') {
    throw new Error(`otlp_http: neither endpoint nor ${OWN_ENDPOINT[signal]} is set`)
  }
  const version = signal === 'profiles' ? 'v1development' : 'v1'
  return new URL(`${config.endpoint.replace(/\/$/, '')}/${version}/${signal}`)
}

/** Without credentials and query, for messages. */
const printable = (url: URL) => `${url.origin}${url.pathname}`

/** A body is in the encoding that its header says, else in that of the request. */
function bodyEncoding(headers: IncomingHttpHeaders, sent: 'proto' | 'json'): 'proto' | 'json' {
  const type = headers['content-type'] ?? ''
  if (type.startsWith('application/json')) return 'json'
  return type.startsWith('application/x-protobuf') ? 'proto' : sent
}
