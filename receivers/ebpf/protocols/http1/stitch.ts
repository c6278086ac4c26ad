import type {
  Chunk,
  Connection,
  Direction,
  EndReason,
  RunProgress,
  Stream,
} from '../../protocol.ts'
import { EarlyAnswer } from './early_answer.ts'
import { type ExchangeHost, isSeen, type Past } from './exchange.ts'
import { Footing } from './footing.ts'
import {
  type Framing,
  isLastOfConnection,
  NONE,
  requestFraming,
  responseFraming,
  UNKNOWN,
} from './framing.ts'
import type { RequestHead, ResponseHead } from './head.ts'
import { isInterim, REQUEST_PARSER, RESPONSE_PARSER } from './head_parsers.ts'
import type { Message } from './message.ts'
import { Pairs } from './pairs.ts'
import {
  isKnownMethod,
  startsLikeKnownRequest,
  startsLikeRequest,
  startsLikeResponse,
} from './parse.ts'
import { MessageReader } from './reader.ts'
import { handOver, onwardOf } from './tunnel.ts'
import { WebCalls } from './web_calls.ts'

/** What this needs of a connection. */
export type Http1Connection = Pick<Connection, 'role' | 'adopted' | 'begins'>

/**
 * Pairs the requests and responses of one HTTP/1 connection, in their order: the first response that is not interim
 * answers the oldest request. Where bytes are missing it would rather lose an exchange, and count it, than pair wrongly.
 * Source: https://www.rfc-editor.org/rfc/rfc9112#section-9.3
 */
export class Http1Stream implements Stream {
  readonly #host: ExchangeHost
  readonly #connection: Http1Connection
  readonly #requests: MessageReader<RequestHead>
  readonly #responses: MessageReader<ResponseHead>
  readonly #pairs: Pairs
  #direction: Direction | undefined
  #ignored = false
  readonly #footing = new Footing()
  readonly #early = new EarlyAnswer((chunk) => this.#feed(chunk))
  /** In step again by the first bytes of a request, of which the method is not known yet. */
  #joining = false
  readonly #web: WebCalls

  /** `connection` is looked at again later: the role of a TLS stream may become known after its first bytes. */
  constructor(connection: Http1Connection, host: ExchangeHost, past?: Past) {
    this.#connection = connection
    this.#host = host
    this.#pairs = new Pairs(host)
    this.#web = new WebCalls(host)
    this.#requests = new MessageReader(host.parsers?.request ?? REQUEST_PARSER, {
      onHead: (message) => this.#onRequestHead(message),
      onEnd: () => undefined,
      onInvalid: () => this.#onInvalid(),
      onGap: (lost) => this.#onGap(lost),
      onGrew: () => undefined,
      expectsAnother: () => false,
    })
    this.#responses = new MessageReader(host.parsers?.response ?? RESPONSE_PARSER, {
      onHead: (message) => this.#onResponseHead(message),
      onEnd: (message, inferred) => this.#onResponseEnd(message, inferred),
      onInvalid: () => this.#onInvalid(),
      onGap: (lost) => this.#onGap(lost),
      onGrew: () => this.#host.count('response_grew'),
      expectsAnother: () => this.#pairs.expectsAnother,
    })
    const { begins } = connection
    this.#requests.position = begins?.request ?? 0
    this.#responses.position = begins?.response ?? 0
    if (connection.adopted) this.#fallOutOfStep()
    else if (past !== undefined) this.passed(past)
  }

  get awaitsProgress(): boolean {
    if (this.#ignored) return false
    const answering = this.#direction === 'response' && this.#pairs.size > 0
    return answering || this.#responses.awaitsEnd
  }

  chunk(chunk: Chunk): void {
    if (this.#ignored || chunk.bytes === 0) return
    this.#early.pass(chunk, this.#isEarly(chunk), this.#requests.position)
  }

  /** A client hears an answer, and has asked nothing. */
  #isEarly({ direction, position, data }: Chunk): boolean {
    const isAnswer = this.#connection.role === 'client' && direction === 'response'
    return isAnswer && position === this.boundary?.response && startsLikeResponse(data)
  }

  #feed(chunk: Chunk): void {
    if (this.#ignored) return
    const turned = chunk.direction !== this.#direction
    this.#direction = chunk.direction
    if (chunk.direction === 'request') this.#request(chunk, turned)
    else this.#response(chunk, turned)
  }

  /** Where the next exchange begins; undefined while one is under way, or nobody knows. */
  get boundary(): Past['position'] | undefined {
    if (this.#ignored || this.#joining || this.#early.isHeld) return undefined
    if (this.#direction === 'request') return undefined
    const isClean = this.#pairs.isClean && this.#requests.atBoundary && this.#responses.atBoundary
    if (!isClean) return undefined
    return { request: this.#requests.position, response: this.#responses.position }
  }

  /** Whole exchanges that somebody else has read, up to a boundary. */
  passed({ position, lastAnswered }: Past): void {
    this.#requests.position = position.request
    this.#responses.position = position.response
    this.#direction = 'response'
    this.#pairs.passed(lastAnswered)
    this.#footing.prove()
  }

  progress(run: RunProgress, nowNs: number): void {
    if (this.#early.isHeld && !run.inOrder) return
    this.#early.end()
    if (this.#ignored) return
    if (run.direction === 'request') {
      if (!this.#requests.atBoundary) this.#requests.progress(run, nowNs)
    } else {
      this.#responses.progress(run, nowNs)
    }
  }

  end(reason: EndReason, ns: number): void {
    this.#early.end()
    if (this.#ignored) return
    const responseSide = this.#connection.role === 'server' ? 'out' : 'in'
    if ((reason === 'in' || reason === 'out') && reason !== responseSide) {
      this.#endRequests()
      return
    }
    this.#endResponses(reason, ns)
    if (reason === 'out') this.#pairs.close()
    if (reason === 'in' || reason === 'out') return
    this.#endRequests()
    this.#ignored = true
  }

  #request(chunk: Chunk, turned: boolean): void {
    if (!this.#requests.lost) this.#readRequest(chunk, turned)
    if (!this.#requests.lost || this.#ignored) return
    const begins = startsLikeKnownRequest(chunk.data)
    if (!turned || !begins) {
      // Behind a gap it may be a piece of a body as well, so it is not followed; it is seen all the same.
      if (begins && this.#footing.isProved) this.#countOutOfStep(1)
      this.#stayLost(turned)
      return
    }
    this.#requests.resume(chunk.position)
    this.#joining = true
    this.#readRequest(chunk, turned)
  }

  #readRequest(chunk: Chunk, turned: boolean): void {
    if (turned && this.#requests.isOpen && startsLikeRequest(chunk.data)) this.#requests.turn()
    if (turned && this.#requests.atBoundary) {
      this.#responses.turn()
      this.#pairs.settle()
      if (this.#responses.lost) this.#dropPending()
    }
    this.#requests.feed(chunk)
  }

  #response(chunk: Chunk, turned: boolean): void {
    const cuts = turned && this.#requests.insideHead && this.#pairs.size === 0
    if (cuts) this.#requests.cutHead(chunk.tgid)
    if (turned && this.#requests.looksEnded) this.#requests.turn()
    if (this.#responses.lost) {
      if (this.#pairs.size === 0 || !startsLikeResponse(chunk.data)) {
        this.#stayLost(false)
        return
      }
      this.#responses.resume(chunk.position)
    }
    this.#responses.feed(chunk)
  }

  #onRequestHead(message: Message<RequestHead>): Framing {
    const joins = this.#joining
    this.#joining = false
    if (joins && !isKnownMethod(message.head?.method ?? '')) {
      this.#fallOutOfStep()
      return UNKNOWN
    }
    if (this.#pairs.isFull) {
      this.#host.count('pipeline_too_deep', this.#pairs.drop() + 1)
      this.#ignore()
      return UNKNOWN
    }
    this.#pairs.add(message)
    if (message.head === undefined) return UNKNOWN
    if (!message.head.complete) {
      message.partial = 'request_head_truncated'
      this.#host.count(message.partial)
    }
    this.#web.follow(message, message.head)
    return requestFraming(message.head)
  }

  #onResponseHead(message: Message<ResponseHead>): Framing {
    const { head } = message
    this.#pairs.beginResponse()
    if (head === undefined) return UNKNOWN
    if (isInterim(head)) return NONE
    const request = this.#pairs.oldest
    if (request?.head === undefined) return UNKNOWN // to HEAD there is no body: the method must be known
    this.#pairs.beginAnswer()
    this.#web.follow(message, head)
    const framing = responseFraming(head, request.head.method)
    if (framing.kind !== 'tunnel') return framing
    message.ended = true
    this.#leave(request, message, head)
    return framing
  }

  /** Of an exchange that goes on in another protocol, that one tells. */
  #leave(request: Message<RequestHead>, message: Message<ResponseHead>, head: ResponseHead): void {
    const onward = isSeen(request) ? onwardOf(request.head, head) : 'other'
    if (onward === 'h2c') this.#countOutOfStep(this.#pairs.drop() - 1)
    else this.#pair(message)
    this.#host.count('upgraded')
    if (handOver(this.#host, onward, request, message)) this.#close()
    else this.#ignore()
  }

  #onResponseEnd(message: Message<ResponseHead>, inferred: boolean): void {
    const { head } = message
    if (head !== undefined && isInterim(head)) return
    this.#pair(message)
    if (head !== undefined && isLastOfConnection(head)) this.#pairs.close()
    if (inferred) this.#pairs.inferEnd(message)
  }

  #pair(response: Message<ResponseHead>): void {
    if (this.#pairs.answer(response, '', response.partial)) this.#footing.prove()
  }

  #endRequests(): void {
    if (this.#requests.insideHead) this.#host.count('request_incomplete')
    this.#requests.lose()
  }

  #endResponses(reason: EndReason, ns: number): void {
    const message = this.#responses.finish()
    const isFinal = message?.head === undefined || !isInterim(message.head)
    this.#pairs.end(isFinal ? message : undefined, reason, ns)
  }

  #onInvalid(): void {
    this.#host.count(this.#footing.isProved ? 'not_http1' : 'protocol_unknown')
    if (this.#footing.mayRecover) this.#fallOutOfStep()
    else this.#ignore()
  }

  #onGap(lost: boolean): void {
    this.#host.count('gap')
    if (!lost) return
    const message = this.#responses.finish()
    const isFinal = message?.head !== undefined && !isInterim(message.head)
    if (isFinal && this.#pairs.size > 0) this.#pairs.answer(message, '', 'gap')
    this.#fallOutOfStep()
  }

  #fallOutOfStep(): void {
    this.#footing.lose()
    this.#requests.lose()
    this.#responses.lose()
    this.#dropPending()
  }

  #dropPending(): void {
    this.#countOutOfStep(this.#pairs.drop())
  }

  #countOutOfStep(exchanges: number): void {
    if (exchanges > 0) this.#host.count('out_of_step', exchanges)
  }

  #stayLost(runBegins: boolean): void {
    if (!this.#footing.stayLost(runBegins)) return
    this.#host.count('never_in_step')
    this.#ignore()
  }

  #ignore(): void {
    this.#close()
    this.#host.verdict('ignore')
  }

  #close(): void {
    this.#ignored = true
    this.#fallOutOfStep()
  }
}
