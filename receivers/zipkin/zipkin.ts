import type { IncomingMessage } from 'node:http'
import type { Component, Consumer, Context } from '../../pipeline/component.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import type { HttpServer } from '../../pipeline/net/http_server.ts'
import { mediaTypeOf, postedSpans } from '../../pipeline/net/posted_spans.ts'
import type { ZipkinConfig } from './config.ts'
import { readJsonV1, readJsonV2 } from './json.ts'
import { readProtobufV2 } from './protobuf.ts'
import { readThriftV1 } from './thrift.ts'
import { tracesOfV1 } from './translate_v1.ts'
import { tracesOfV2 } from './translate_v2.ts'

/** Takes spans as clients of Zipkin send them. */
export class Zipkin implements Component {
  readonly #ctx: Context
  readonly #config: ZipkinConfig
  readonly #server: HttpServer

  constructor(ctx: Context, config: ZipkinConfig, next: Consumer<TraceBatch>) {
    this.#ctx = ctx
    this.#config = config
    this.#server = postedSpans(ctx, config, next, (...got) => this.#read(...got))
  }

  /** The port that it listens on; 0 while it does not. */
  get port(): number {
    return this.#server.port
  }

  async start(): Promise<void> {
    await this.#server.listen()
    this.#ctx.log.info('Starting HTTP server', { endpoint: this.#config.endpoint })
  }

  shutdown(deadline: AbortSignal): Promise<void> {
    return this.#server.close(deadline)
  }

  #read(request: IncomingMessage, bytes: Buffer): TraceBatch {
    const { parse_string_tags: parse } = this.#config
    const type = mediaTypeOf(request)
    if (request.url?.split('?', 1)[0]?.includes('api/v1/spans')) {
      const isThrift = type === 'application/x-thrift'
      return tracesOfV1(isThrift ? readThriftV1(bytes) : readJsonV1(bytes), parse)
    }
    const isProtobuf = type === 'application/x-protobuf'
    return tracesOfV2(isProtobuf ? readProtobufV2(bytes) : readJsonV2(bytes), parse)
  }
}
