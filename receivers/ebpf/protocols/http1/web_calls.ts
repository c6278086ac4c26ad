import { GrpcContent } from '../grpc/content.ts'
import { grpcKind, isWeb } from '../grpc/content_type.ts'
import type { ExchangeHost } from './exchange.ts'
import type { Fields } from './head.ts'
import type { Message } from './message.ts'

/** Finds gRPC-Web on a connection, whose status lies at the end of its content: from there on every byte of it is wanted. */
export class WebCalls {
  readonly #host: Pick<ExchangeHost, 'verdict'>
  /** The kernel was told. */
  #told = false

  constructor(host: Pick<ExchangeHost, 'verdict'>) {
    this.#host = host
  }

  /** Follows the message's content if its head says that it is of gRPC-Web. */
  follow(message: Message<unknown>, { contentType }: Fields): void {
    const kind = grpcKind(contentType)
    if (!isWeb(kind)) return
    message.content = new GrpcContent(kind)
    if (!this.#told) this.#host.verdict('chunks')
    this.#told = true
  }
}
