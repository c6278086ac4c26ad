import type { IncomingMessage, ServerResponse } from 'node:http'
import { Admitted } from '../../pipeline/admission.ts'
import { messageOf } from '../../pipeline/message_of.ts'
import type { Identity, ServerAuthenticator } from '../../pipeline/net/auth.ts'
import { cors } from '../../pipeline/net/cors.ts'
import { credentialsOf, infoOfRequest } from '../../pipeline/net/credentials.ts'
import { BodyError, type ContentEncoding } from '../../pipeline/net/decompress.ts'
import { readBody } from '../../pipeline/net/request_body.ts'
import { badRequest, failure, plainText, success, unauthenticated } from './answer.ts'
import type { OtlpHttpConfig } from './config.ts'
import type { Encoding, Take } from './take.ts'

const DEFAULT_MAX_BYTES = 20 << 20
const METHOD_TEXT = '405 method not allowed, supported: [POST]'
const TYPE_TEXT =
  '415 unsupported media type, supported: [application/json, application/x-protobuf]'

/** Answers OTLP over HTTP as the Collector does. Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp */
export class OtlpHttp {
  readonly #config: OtlpHttpConfig
  readonly #takes: ReadonlyMap<string, Take>
  readonly #cors: ReturnType<typeof cors>
  readonly #maxBytes: number
  readonly #headers: readonly (readonly [string, string])[]
  readonly #authenticator: ServerAuthenticator | undefined
  readonly #rejected: (reason: string) => void

  /** `takes` by path; `rejected` hears why a request was refused before the pipeline saw it. */
  constructor(
    config: OtlpHttpConfig,
    takes: ReadonlyMap<string, Take>,
    authenticator: ServerAuthenticator | undefined,
    rejected: (reason: string) => void,
  ) {
    this.#config = config
    this.#authenticator = authenticator
    this.#rejected = rejected
    this.#takes = takes
    this.#cors = cors(config.cors)
    this.#maxBytes = config.max_request_body_size || DEFAULT_MAX_BYTES
    this.#headers = [...config.response_headers].map(([name, value]) => [name, value.reveal()])
  }

  /** Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of this.#headers) response.setHeader(name, value)
    if (this.#cors(request, response)) return
    const allowed = await this.#authenticate(request, response)
    if (allowed === undefined) return
    const contentEncoding = request.headers['content-encoding'] ?? ''
    const take = this.#takes.get(pathOf(request.url ?? ''))
    const encoding = encodingOf(request.headers['content-type'] ?? '')
    if (!isOneOf(this.#config.compression_algorithms, contentEncoding)) {
      const text = `unsupported Content-Encoding: ${contentEncoding}`
      this.#refuse(request, response, 400, 'content_encoding', text)
    } else if (take === undefined) {
      this.#refuse(request, response, 404, 'path', '404 page not found')
    } else if (request.method !== 'POST') {
      response.setHeader('allow', 'POST')
      this.#refuse(request, response, 405, 'method', METHOD_TEXT)
    } else if (encoding === undefined) {
      this.#refuse(request, response, 415, 'content_type', TYPE_TEXT)
    } else await this.#export(request, response, take, encoding, contentEncoding, allowed.identity)
  }

  /** Answers without reading the body; the connection cannot be used again if there is one. */
  #refuse(
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    reason: string,
    text: string,
  ): void {
    this.#rejected(reason)
    if (!request.complete && request.method !== 'GET') response.shouldKeepAlive = false
    plainText(response, status, text)
  }

  /** Undefined if the sender is not allowed, and has been told so. */
  async #authenticate(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<{ readonly identity: Identity | undefined } | undefined> {
    try {
      const identity = await this.#authenticator?.authenticate(
        credentialsOf(request, this.#config.auth?.request_params ?? []),
      )
      return { identity }
    } catch (error) {
      this.#rejected('unauthenticated')
      if (!request.complete) response.shouldKeepAlive = false
      const encoding = encodingOf(request.headers['content-type'] ?? '') ?? 'json'
      unauthenticated(response, encoding, messageOf(error))
      return undefined
    }
  }

  async #export(
    request: IncomingMessage,
    response: ServerResponse,
    take: Take,
    encoding: Encoding,
    contentEncoding: ContentEncoding,
    identity: Identity | undefined,
  ): Promise<void> {
    let admitted: Admitted | undefined
    const gone = new AbortController()
    response.on('close', () => {
      if (!response.writableFinished) gone.abort()
    })
    try {
      const room = new Admitted(take, Number(request.headers['content-length'] ?? 0))
      admitted = room
      const grow = (read: number) => room.grow(read)
      const bytes = await readBody(request, contentEncoding, this.#maxBytes, grow)
      grow(bytes.length)
      const taken = await take.take(bytes, encoding, {
        ...infoOfRequest(request, this.#config, identity),
        signal: gone.signal,
      })
      if (taken.kind === 'taken') success(response, encoding)
      else badRequest(response, encoding, taken.reason)
    } catch (error) {
      if (!request.complete) response.shouldKeepAlive = false
      if (error instanceof BodyError) {
        this.#rejected(error.code.toLowerCase())
        badRequest(response, encoding, error.message)
      } else failure(response, encoding, error)
    } finally {
      admitted?.release()
    }
  }
}

const isOneOf = (known: readonly ContentEncoding[], name: string): name is ContentEncoding =>
  (known as readonly string[]).includes(name)

const pathOf = (url: string): string => url.split('?', 1)[0] ?? ''

/** Parameters as `; charset=utf-8` do not matter. */
function encodingOf(contentType: string): Encoding | undefined {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase()
  if (type === 'application/x-protobuf') return 'proto'
  return type === 'application/json' ? 'json' : undefined
}
