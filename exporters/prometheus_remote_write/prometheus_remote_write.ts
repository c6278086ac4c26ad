import { validateHeaderValue } from 'node:http'
import { type ClientInfo, type Context, RefusedError } from '../../pipeline/component.ts'
import type { MetricBatch } from '../../pipeline/data/batch.ts'
import type { Destination } from '../../pipeline/exporter_helper.ts'
import { AttemptTimeoutError } from '../../pipeline/failure_labels.ts'
import { HttpClient } from '../../pipeline/net/http_client.ts'
import {
  httpClientOptions,
  printable,
  unreachable,
  warnOfClient,
} from '../../pipeline/net/http_client_options.ts'
import { USER_AGENT } from '../../pipeline/net/user_agent.ts'
import { timerMs } from '../../pipeline/timer.ts'
import { judge, RejectedError, VersionError } from './answer.ts'
import { clientOf, type RemoteWriteConfig, shadowed } from './config.ts'
import { SeriesSet } from './series.ts'
import { requestsOf, type WriteRequest } from './write_request.ts'
import { requestsOfV2 } from './write_request_v2.ts'

const MAX_RESPONSE_BYTES = 1024
const HEADERS = {
  'user-agent': USER_AGENT,
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
}
const HEADERS_V2 = {
  ...HEADERS,
  'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
  'x-prometheus-remote-write-version': '2.0.0',
}

/** What a batch has become. */
interface Sending {
  total: number
  /** Neither taken nor refused for ever. */
  readonly left: Set<WriteRequest>
}

/** What failed of one attempt. */
interface Failures {
  readonly again: RefusedError[]
  readonly forever: (RejectedError | Error)[]
}

/**
 * POSTs batches as remote write 1.0 or 2.0. A receiver that turns out to know 1.0 only gets that.
 * Sources: https://prometheus.io/docs/specs/prw/remote_write_spec/ and https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/
 */
export class RemoteWrite implements Destination<MetricBatch> {
  readonly #ctx: Context
  readonly #config: RemoteWriteConfig
  readonly #url: URL
  readonly #client: HttpClient
  /** Of one request, below that of an attempt; 0 is none. */
  readonly #timeoutMs: number
  readonly #parallel: number
  readonly #onClose: () => Promise<void> | undefined
  #isV2: boolean
  /** Of batches that may come again: what was taken of them is not sent twice. */
  readonly #sending = new WeakMap<MetricBatch, Sending>()

  /** `onClose` ends what was open for its queue. */
  constructor(
    ctx: Context,
    config: RemoteWriteConfig,
    onClose: () => Promise<void> | undefined = () => undefined,
  ) {
    this.#ctx = ctx
    this.#onClose = onClose
    this.#config = config
    const client = clientOf(config)
    this.#url = new URL(client.endpoint)
    this.#client = new HttpClient(httpClientOptions(ctx, client, this.#url))
    this.#timeoutMs = client.timeout
    this.#parallel = config.max_batch_request_parallelism ?? config.remote_write_queue.num_consumers
    this.#isV2 = config.protobuf_message === 'io.prometheus.write.v2.Request'
  }

  async open(): Promise<void> {
    warnOfClient(this.#ctx.log, clientOf(this.#config), this.#url)
    const options = shadowed(this.#config)
    if (options.length > 0) {
      this.#ctx.log.warn('Options beside http, which wins, are without effect.', { options })
    }
    await this.#client.open()
  }

  async close(): Promise<void> {
    this.#client.close()
    await this.#onClose()
  }

  async send(batch: MetricBatch, signal: AbortSignal, client?: ClientInfo): Promise<void> {
    const sending = this.#sending.get(batch) ?? this.#prepare(batch)
    const { again, forever } = await this.#postAll(sending, signal, client)
    if (again.length === 0) this.#sending.delete(batch)
    const isAll = forever.length === sending.total && !forever.some(isPartial)
    if (forever.length > 0 && isAll) throw forever[0]
    for (const error of forever) {
      const points = error instanceof RejectedError ? error.points : 0
      this.#ctx.count('dropped_permanent_error', points)
      this.#ctx.log.error('A part of a batch was refused.', { error, dropped_data_points: points })
    }
    if (again[0] !== undefined) throw again[0]
  }

  #prepare(batch: MetricBatch): Sending {
    const set = new SeriesSet(this.#config, (why, n) => {
      this.#ctx.count(`dropped_${why}`, n)
      this.#ctx.count('prometheusremotewrite_failed_translations', n)
    })
    for (const resource of batch.resources()) set.add(resource)
    this.#ctx.count('prometheusremotewrite_translated_time_series', set.size)
    const { max_batch_size_bytes: maxBytes } = this.#config
    const left = new Set(
      this.#isV2
        ? requestsOfV2(set.series, maxBytes)
        : requestsOf(set.series, set.metadata, maxBytes),
    )
    const sending = { total: left.size, left }
    this.#sending.set(batch, sending)
    return sending
  }

  async #postAll(
    sending: Sending,
    signal: AbortSignal,
    client: ClientInfo | undefined,
  ): Promise<Failures> {
    const failures: Failures = { again: [], forever: [] }
    let requests = [...sending.left]
    while (requests.length > 0) {
      const waiting = requests.values()
      const replaced: WriteRequest[] = []
      let before = 0
      const worker = async () => {
        for (const request of waiting) {
          const error = await this.#post(request, signal, client).then(() => undefined, asError)
          if (error instanceof RefusedError) failures.again.push(error)
          else sending.left.delete(request)
          if (error instanceof VersionError) {
            before += 1
            replaced.push(...this.#inVersion1(request))
          } else if (error !== undefined && !(error instanceof RefusedError)) {
            failures.forever.push(error)
          }
        }
      }
      await Promise.all(Array.from({ length: Math.min(this.#parallel, requests.length) }, worker))
      for (const request of replaced) sending.left.add(request)
      sending.total += replaced.length - before
      requests = replaced
    }
    return failures
  }

  #inVersion1({ v2 }: WriteRequest): Iterable<WriteRequest> {
    return requestsOf(v2?.series ?? [], [], this.#config.max_batch_size_bytes)
  }

  async #post(request: WriteRequest, signal: AbortSignal, client: ClientInfo | undefined) {
    this.#ctx.count('prometheusremotewrite_sent_batches', 1)
    const late = this.#timeoutMs > 0 ? [AbortSignal.timeout(timerMs(this.#timeoutMs))] : []
    const own = request.v2 === undefined ? HEADERS : HEADERS_V2
    const answer = this.#client.post({
      headers: { ...own, ...this.#forwarded(client) },
      body: [request.body],
      signal: AbortSignal.any([signal, ...late]),
      client,
      maxResponseBytes: MAX_RESPONSE_BYTES,
    })
    const response = await answer.catch((cause: Error) => {
      if (late[0]?.aborted) throw new AttemptTimeoutError(this.#timeoutMs)
      return unreachable(this.#url, cause)
    })
    judge(`POST ${printable(this.#url)}`, response, request)
    if (!this.#isV2 || request.v2 !== undefined) return
    this.#isV2 = false
    this.#ctx.log.warn('The receiver does not understand remote write 2.0: it gets 1.0 now.')
  }

  /** Throws if a value cannot be a header's: no other attempt does better. */
  #forwarded(client: ClientInfo | undefined): Readonly<Record<string, string>> {
    const headers: Record<string, string> = {}
    for (const key of this.#config.include_metadata_keys) {
      const values = client?.metadata.get(key.toLowerCase()) ?? []
      if (values.length === 0) continue
      headers[key.toLowerCase()] = values.join(', ')
      validateHeaderValue(key, values.join(', '))
    }
    return headers
  }
}

const isPartial = (error: Error) => error instanceof RejectedError && error.isPartial

const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)))
