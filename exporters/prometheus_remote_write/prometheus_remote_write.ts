import { type ClientInfo, type Context, RefusedError } from '../../pipeline/component.ts'
import type { MetricBatch } from '../../pipeline/data/batch.ts'
import type { Destination } from '../../pipeline/exporter_helper.ts'
import { HttpClient, type HttpResponse } from '../../pipeline/net/http_client.ts'
import {
  httpClientOptions,
  printable,
  unreachable,
  warnOfClient,
} from '../../pipeline/net/http_client_options.ts'
import { retryAfterMs } from '../../pipeline/net/retry_after.ts'
import { USER_AGENT } from '../../pipeline/net/user_agent.ts'
import type { RemoteWriteConfig } from './config.ts'
import { SeriesSet } from './series.ts'
import { requestsOf, type WriteRequest } from './write_request.ts'

const MAX_RESPONSE_BYTES = 1024
const HEADERS = {
  'user-agent': USER_AGENT,
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
}

/** What a batch has become. */
interface Sending {
  readonly total: number
  /** Neither taken nor refused for ever. */
  readonly left: Set<WriteRequest>
}

/** What failed of one attempt. */
interface Failures {
  readonly again: RefusedError[]
  readonly forever: { readonly error: unknown; readonly points: number }[]
}

/** POSTs batches as remote write 1.0. Source: https://prometheus.io/docs/specs/prw/remote_write_spec/ */
export class RemoteWrite implements Destination<MetricBatch> {
  readonly #ctx: Context
  readonly #config: RemoteWriteConfig
  readonly #url: URL
  readonly #client: HttpClient
  readonly #parallel: number
  /** Of batches that may come again: what was taken of them is not sent twice. */
  readonly #sending = new WeakMap<MetricBatch, Sending>()

  constructor(ctx: Context, config: RemoteWriteConfig) {
    this.#ctx = ctx
    this.#config = config
    this.#url = new URL(config.endpoint)
    this.#client = new HttpClient(httpClientOptions(ctx, config, this.#url))
    this.#parallel = config.max_batch_request_parallelism ?? config.remote_write_queue.num_consumers
  }

  async open(): Promise<void> {
    warnOfClient(this.#ctx.log, this.#config, this.#url)
    await this.#client.open()
  }

  close(): void {
    this.#client.close()
  }

  async send(batch: MetricBatch, signal: AbortSignal, client?: ClientInfo): Promise<void> {
    const sending = this.#sending.get(batch) ?? this.#prepare(batch)
    const { again, forever } = await this.#postAll(sending.left, signal, client)
    if (again.length === 0) this.#sending.delete(batch)
    if (forever.length > 0 && forever.length === sending.total) throw forever[0]?.error
    for (const { error, points } of forever) {
      this.#ctx.count('dropped_permanent_error', points)
      this.#ctx.log.error('A part of a batch was refused.', { error, dropped_data_points: points })
    }
    if (again[0] !== undefined) throw again[0]
  }

  #prepare(batch: MetricBatch): Sending {
    const set = new SeriesSet(this.#config, (why, n) => this.#ctx.count(`dropped_${why}`, n))
    for (const resource of batch.resources()) set.add(resource)
    const left = new Set(requestsOf(set.series, set.metadata, this.#config.max_batch_size_bytes))
    const sending = { total: left.size, left }
    this.#sending.set(batch, sending)
    return sending
  }

  async #postAll(
    left: Set<WriteRequest>,
    signal: AbortSignal,
    client: ClientInfo | undefined,
  ): Promise<Failures> {
    const failures: Failures = { again: [], forever: [] }
    const waiting = [...left].values()
    const worker = async () => {
      for (const request of waiting) {
        const error = await this.#post(request, signal, client).then(() => undefined, asError)
        if (error instanceof RefusedError) failures.again.push(error)
        else left.delete(request)
        if (error === undefined || error instanceof RefusedError) continue
        failures.forever.push({ error, points: request.points })
      }
    }
    await Promise.all(Array.from({ length: Math.min(this.#parallel, left.size) }, worker))
    return failures
  }

  async #post({ body }: WriteRequest, signal: AbortSignal, client: ClientInfo | undefined) {
    const request = {
      headers: HEADERS,
      body: [body],
      signal,
      client,
      maxResponseBytes: MAX_RESPONSE_BYTES,
    }
    this.#judge(
      await this.#client.post(request).catch((cause: Error) => unreachable(this.#url, cause)),
    )
  }

  /** Throws what says whether to try again: after 429 and 5xx, and never after any other refusal. */
  #judge({ status, headers, body }: HttpResponse): void {
    if (status >= 200 && status < 300) return
    const said = body.toString().trim()
    const message = `POST ${printable(this.#url)}: responded with HTTP Status Code ${status}${said && `, Message=${said}`}`
    if (status !== 429 && status < 500) throw new Error(message)
    const wait = retryAfterMs(headers['retry-after'], Date.now())
    throw new RefusedError(message, wait === undefined ? {} : { retryAfterMs: wait })
  }
}

const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)))
