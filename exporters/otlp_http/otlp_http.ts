import type { IncomingHttpHeaders } from 'node:http'
import { parsePartialSuccess, parseStatusMessage } from '../../pipeline/codec/response.ts'
import {
  type BatchOf,
  type ClientInfo,
  type Context,
  RefusedError,
  type Signal,
} from '../../pipeline/component.ts'
import { type Destination, ExporterHelper, helperOptions } from '../../pipeline/exporter_helper.ts'
import { compressor } from '../../pipeline/net/compression.ts'
import { Code, StatusError } from '../../pipeline/net/grpc_status.ts'
import { HttpClient, type HttpResponse } from '../../pipeline/net/http_client.ts'
import {
  httpClientOptions,
  printable,
  unreachable,
  warnOfClient,
} from '../../pipeline/net/http_client_options.ts'
import { reportPartialSuccess } from '../../pipeline/net/partial_success.ts'
import { retryAfterMs } from '../../pipeline/net/retry_after.ts'
import { USER_AGENT } from '../../pipeline/net/user_agent.ts'
import type { OtlpHttpConfig } from './config.ts'

const MAX_RESPONSE_BYTES = 64 << 10
const RETRYABLE = new Set([429, 502, 503, 504])
const THROTTLED = new Set([429, 503])
/** What senders hear of a backend's answer if there is no queue between. */
const GRPC_CODES: Readonly<Record<number, number>> = {
  400: Code.invalidArgument,
  401: Code.unauthenticated,
  403: Code.permissionDenied,
  404: Code.unimplemented,
  429: Code.resourceExhausted,
  502: Code.unavailable,
  503: Code.unavailable,
  504: Code.unavailable,
}
/** POSTs batches as OTLP. Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp */
class OtlpHttpDestination<S extends Signal> implements Destination<BatchOf[S]> {
  readonly #ctx: Context
  readonly #config: OtlpHttpConfig
  readonly #signal: S
  readonly #url: URL
  readonly #client: HttpClient
  readonly #encoding: 'proto' | 'json'
  readonly #compressor: ReturnType<typeof compressor>

  constructor(ctx: Context, config: OtlpHttpConfig, signal: S) {
    this.#ctx = ctx
    this.#config = config
    this.#signal = signal
    this.#url = signalUrl(config, signal)
    this.#encoding = signal === 'profiles' ? 'proto' : config.encoding
    this.#compressor = compressor(config.compression, config.compression_params.level)
    this.#client = new HttpClient(httpClientOptions(ctx, config, this.#url))
  }

  async open(): Promise<void> {
    warnOfClient(this.#ctx.log, this.#config, this.#url)
    await this.#client.open()
  }

  close(): void {
    this.#client.close()
  }

  async send(batch: BatchOf[S], signal: AbortSignal, client?: ClientInfo): Promise<void> {
    const body = await this.#bodyOf(batch)
    const headers = {
      'user-agent': USER_AGENT,
      'content-type': `application/${this.#encoding === 'json' ? 'json' : 'x-protobuf'}`,
      ...(this.#compressor && { 'content-encoding': this.#compressor.contentEncoding }),
    }
    const request = { headers, body, signal, client, maxResponseBytes: MAX_RESPONSE_BYTES }
    this.#judge(await this.#client.post(request).catch((cause) => unreachable(this.#url, cause)))
  }

  async #bodyOf(batch: BatchOf[S]): Promise<readonly Uint8Array[]> {
    const json = this.#encoding === 'json' && 'toJson' in batch
    const plain = json ? [Buffer.from(batch.toJson())] : batch.toPieces()
    return this.#compressor === undefined ? plain : [await this.#compressor.compress(plain)]
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
    const status = { code: GRPC_CODES[response.status] ?? Code.unknown, message: said }
    const cause = new StatusError(status, message)
    if (!RETRYABLE.has(response.status)) throw cause
    const wait = THROTTLED.has(response.status)
      ? retryAfterMs(response.headers['retry-after'], Date.now())
      : undefined
    throw new RefusedError(message, { cause, ...(wait !== undefined && { retryAfterMs: wait }) })
  }

  #partialSuccess(response: HttpResponse, encoding: 'proto' | 'json'): void {
    const partial = parsePartialSuccess(response.body, encoding, this.#signal)
    if (partial !== undefined) reportPartialSuccess(this.#ctx, this.#signal, partial)
  }
}

export const otlpHttpExporter = <S extends Signal>(
  ctx: Context,
  config: OtlpHttpConfig,
  signal: S,
): ExporterHelper<BatchOf[S]> =>
  new ExporterHelper(
    ctx,
    signal,
    helperOptions(config),
    new OtlpHttpDestination(ctx, config, signal),
  )

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

/** A body is in the encoding that its header says, else in that of the request. */
function bodyEncoding(headers: IncomingHttpHeaders, sent: 'proto' | 'json'): 'proto' | 'json' {
  const type = headers['content-type'] ?? ''
  if (type.startsWith('application/json')) return 'json'
  return type.startsWith('application/x-protobuf') ? 'proto' : sent
}
