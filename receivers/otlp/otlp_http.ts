import type { IncomingMessage, ServerResponse } from 'node:http'
import { Admitted } from '../../pipeline/admission.ts'
import type { SignalCodec } from '../../pipeline/codec/signal_codec.ts'
import type { ClientInfo, Consumer, Context, Info } from '../../pipeline/component.ts'
import type { Batch } from '../../pipeline/data/batch.ts'
import { ProfileBatch } from '../../pipeline/data/profiles.ts'
import { readJsonRequest, scanRequest } from '../../pipeline/data/request.ts'
import { cors } from '../../pipeline/net/cors.ts'
import { BodyError, type ContentEncoding, readBody } from '../../pipeline/net/request_body.ts'
import { badRequest, type Encoding, failure, plainText, success } from './answer.ts'
import type { OtlpHttpConfig } from './config.ts'

const DEFAULT_MAX_BYTES = 20 << 20

/** Where the requests of one signal go. */
export interface Take extends Pick<Consumer<unknown>, 'admit'> {
  /** Takes the bytes of one request, decoded from its compression. */
  take(bytes: Buffer, encoding: Encoding, info: Info): Promise<Taken>
}

/** `invalid` is the sender's fault; a fault of the pipeline is a rejection. */
export type Taken =
  | { readonly kind: 'taken' }
  | { readonly kind: 'invalid'; readonly reason: string }

/** How requests of one signal reach the pipelines. */
export function takeInto<R>(ctx: Context, codec: SignalCodec<R>, next: Consumer<Batch<R>>): Take {
  const onLoss = (loss: string, n: number) => ctx.count(`dropped_or_repaired_${loss}`, n)
  const read = (bytes: Buffer, encoding: Encoding) =>
    (encoding === 'json' ? readJsonRequest : scanRequest)(codec, bytes, onLoss)
  return handOn(ctx, next, read)
}

/** Profiles are passed on as the bytes that came; JSON would have to be written anew. */
export function takeProfilesInto(ctx: Context, next: Consumer<ProfileBatch>): Take {
  return handOn(ctx, next, (bytes, encoding) =>
    encoding === 'json' ? NO_JSON : ProfileBatch.read(bytes),
  )
}

type Read<T> = { readonly kind: 'batch'; readonly batch: T } | Exclude<Taken, { kind: 'taken' }>

const handOn = <T extends { readonly count: number }>(
  ctx: Context,
  next: Consumer<T>,
  read: (bytes: Buffer, encoding: Encoding) => Read<T>,
): Take => ({
  admit: (bytes) => next.admit?.(bytes) ?? (() => undefined),
  async take(bytes, encoding, info) {
    const result = read(bytes, encoding)
    if (result.kind === 'invalid') {
      ctx.count('rejected_requests_invalid', 1)
      return result
    }
    if (result.batch.count > 0) await next.consume(result.batch, info)
    return { kind: 'taken' }
  },
})

const NO_JSON = { kind: 'invalid', reason: 'profiles are taken as protobuf only' } as const

/** Answers OTLP over HTTP as the Collector does. Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp */
export class OtlpHttp {
  readonly #config: OtlpHttpConfig
  readonly #takes: ReadonlyMap<string, Take>
  readonly #cors: ReturnType<typeof cors>
  readonly #maxBytes: number
  readonly #headers: readonly (readonly [string, string])[]

  /** `takes` by path. */
  constructor(config: OtlpHttpConfig, takes: ReadonlyMap<string, Take>) {
    this.#config = config
    this.#takes = takes
    this.#cors = cors(config.cors)
    this.#maxBytes = config.max_request_body_size || DEFAULT_MAX_BYTES
    this.#headers = [...config.response_headers].map(([name, value]) => [name, value.reveal()])
  }

  /** Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of this.#headers) response.setHeader(name, value)
    if (this.#cors(request, response)) return
    const contentEncoding = request.headers['content-encoding'] ?? ''
    const take = this.#takes.get(pathOf(request.url ?? ''))
    const encoding = encodingOf(request.headers['content-type'] ?? '')
    if (!isOneOf(this.#config.compression_algorithms, contentEncoding)) {
      refuse(request, response, 400, `unsupported Content-Encoding: ${contentEncoding}`)
    } else if (take === undefined) refuse(request, response, 404, '404 page not found')
    else if (request.method !== 'POST') {
      response.setHeader('allow', 'POST')
      refuse(request, response, 405, '405 method not allowed, supported: [POST]')
    } else if (encoding === undefined) {
      refuse(
        request,
        response,
        415,
        '415 unsupported media type, supported: [application/json, application/x-protobuf]',
      )
    } else await this.#export(request, response, take, encoding, contentEncoding)
  }

  async #export(
    request: IncomingMessage,
    response: ServerResponse,
    take: Take,
    encoding: Encoding,
    contentEncoding: ContentEncoding,
  ): Promise<void> {
    let admitted: Admitted | undefined
    const gone = new AbortController()
    response.on('close', () => {
      if (!response.writableFinished) gone.abort()
    })
    try {
      admitted = new Admitted(take, Number(request.headers['content-length'] ?? 0))
      const bytes = await readBody(request, contentEncoding, this.#maxBytes)
      admitted.grow(bytes.length)
      const taken = await take.take(bytes, encoding, {
        client: this.#client(request),
        signal: gone.signal,
        transport: 'http',
      })
      if (taken.kind === 'taken') success(response, encoding)
      else badRequest(response, encoding, taken.reason)
    } catch (error) {
      if (!request.complete) response.shouldKeepAlive = false
      if (error instanceof BodyError) badRequest(response, encoding, error.message)
      else failure(response, encoding, error)
    } finally {
      admitted?.release()
    }
  }

  #client(request: IncomingMessage): ClientInfo {
    const address = request.socket.remoteAddress ?? ''
    if (!this.#config.include_metadata) return { address, metadata: NO_METADATA }
    const headers = Object.entries(request.headersDistinct)
    return { address, metadata: new Map(headers.map(([name, values]) => [name, values ?? []])) }
  }
}

const NO_METADATA: ReadonlyMap<string, readonly string[]> = new Map()

const isOneOf = (known: readonly ContentEncoding[], name: string): name is ContentEncoding =>
  (known as readonly string[]).includes(name)

/** Answers without reading the body; the connection cannot be used again if there is one. */
function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  text: string,
): void {
  if (!request.complete && request.method !== 'GET') response.shouldKeepAlive = false
  plainText(response, status, text)
}

const pathOf = (url: string): string => url.split('?', 1)[0] ?? ''

/** Parameters as `; charset=utf-8` do not matter. */
function encodingOf(contentType: string): Encoding | undefined {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase()
  if (type === 'application/x-protobuf') return 'proto'
  return type === 'application/json' ? 'json' : undefined
}
