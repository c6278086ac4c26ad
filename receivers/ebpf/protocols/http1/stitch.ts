import type {
  Chunk,
  Connection,
  Direction,
  EndReason,
  RunProgress,
  Stream,
  Verdict,
} from '../../protocol.ts'
import { type Exchange, type Failure, isSeen } from './exchange.ts'
import { type Framing, isLastOfConnection, requestFraming, responseFraming } from './framing.ts'
import type { RequestHead, ResponseHead } from './head.ts'
import type { Message } from './message.ts'
import {
  parseRequestHead,
  parseResponseHead,
  startsLikeRequest,
  startsLikeResponse,
} from './parse.ts'
import { MessageReader } from './reader.ts'
import type { Http1Reason, PartialReason } from './reasons.ts'

/** Requests that may wait for their answers on one connection; browsers and wrk stay below 64. */
const MAX_PENDING = 128
/** Request runs without the beginning of a request, after which an out-of-step connection is given up. */
const MAX_LOST_RUNS = 8
/** The same in records, for a connection that only ever moves bytes one way. */
const MAX_LOST_CHUNKS = 16_384

const UNKNOWN: Framing = { kind: 'unknown' }
const NONE: Framing = { kind: 'none' }

/** What the stitcher reports. */
export interface ExchangeHost {
  exchange(exchange: Exchange): void
  count(reason: Http1Reason, n?: number): void
  verdict(verdict: Verdict): void
}

/**
 * Pairs the requests and responses of one HTTP/1 connection, in their order: the first response that is not interim
 * answers the oldest request. Where bytes are missing it would rather lose an exchange, and count it, than pair wrongly.
 * Source: https://www.rfc-editor.org/rfc/rfc9112#section-9.3
 */
export class Http1Stream implements Stream {
  readonly #host: ExchangeHost
  readonly #connection: Pick<Connection, 'role'>
  readonly #requests: MessageReader<RequestHead>
  readonly #responses: MessageReader<ResponseHead>
  readonly #pending: Message<RequestHead>[] = []
  #direction: Direction | undefined
  #ignored = false
  /** An exchange was paired: this is HTTP/1, whatever comes. */
  #proved = false
  #lastAnswered = false
  /** The last response, if its end was inferred and nothing has come since. */
  #inferred: Message<ResponseHead> | undefined
  /**
   * Exchanges behind an inferred end, where an answer may hide: paired rightly if no request is left over, for then as
   * many answers came as requests. Held until that is known; undefined when there is no doubt.
   */
  #doubted: Exchange[] | undefined
  /** The response that is being read came without a request. */
  #answersNothing = false
  #wasLost = false
  #lostRuns = 0
  #lostChunks = 0

  /** `connection` is looked at again later: the role of a TLS stream may become known after its first bytes. */
  constructor(connection: Pick<Connection, 'role' | 'adopted'>, host: ExchangeHost) {
    this.#connection = connection
    this.#host = host
    this.#requests = new MessageReader(REQUEST_PARSER, {
      onHead: (message) => this.#onRequestHead(message),
      onEnd: () => undefined,
      onInvalid: () => this.#onInvalid(),
      onGap: (lost) => this.#onGap(lost),
      onGrew: () => undefined,
      expectsAnother: () => false,
    })
    this.#responses = new MessageReader(RESPONSE_PARSER, {
      onHead: (message) => this.#onResponseHead(message),
      onEnd: (message, inferred) => this.#onResponseEnd(message, inferred),
      onInvalid: () => this.#onInvalid(),
      onGap: (lost) => this.#onGap(lost),
      onGrew: () => this.#host.count('response_grew'),
      expectsAnother: () => this.#pending.length > (this.#answersNothing ? 0 : 1),
    })
    if (connection.adopted) this.#fallOutOfStep()
  }

  get awaitsProgress(): boolean {
    if (this.#ignored) return false
    const answering = this.#direction === 'response' && this.#pending.length > 0
    return answering || this.#responses.message !== undefined
  }

  chunk(chunk: Chunk): void {
    if (this.#ignored || chunk.bytes === 0) return
    const turned = chunk.direction !== this.#direction
    this.#direction = chunk.direction
    if (chunk.direction === 'request') this.#request(chunk, turned)
    else this.#response(chunk, turned)
  }

  progress(run: RunProgress, nowNs: number): void {
    if (this.#ignored) return
    if (run.direction === 'request') {
      if (!this.#requests.atBoundary) this.#requests.progress(run, nowNs)
    } else {
      this.#responses.progress(run, nowNs)
    }
  }

  end(reason: EndReason, ns: number): void {
    if (this.#ignored) return
    const responseSide = this.#connection.role === 'server' ? 'out' : 'in'
    if ((reason === 'in' || reason === 'out') && reason !== responseSide) {
      this.#endRequests()
      return
    }
    this.#endResponses(reason, ns)
    if (reason === 'out') this.#lastAnswered = true
    if (reason === 'in' || reason === 'out') return
    this.#endRequests()
    this.#ignored = true
  }

  #request(chunk: Chunk, turned: boolean): void {
    if (!this.#requests.lost) this.#readRequest(chunk, turned)
    if (!this.#requests.lost || this.#ignored) return
    if (!turned || !startsLikeRequest(chunk.data)) {
      this.#stayLost(turned)
      return
    }
    this.#requests.resume(chunk.position)
    this.#readRequest(chunk, turned)
  }

  #readRequest(chunk: Chunk, turned: boolean): void {
    if (turned && this.#requests.isOpen && startsLikeRequest(chunk.data)) this.#requests.turn()
    if (turned && this.#requests.atBoundary) {
      this.#responses.turn()
      this.#answerUnseen()
    }
    this.#requests.feed(chunk)
  }

  #response(chunk: Chunk, turned: boolean): void {
    if (turned && this.#requests.insideHead && this.#pending.length === 0) {
      this.#requests.cutHead(chunk.tgid)
    }
    if (turned && this.#requests.looksEnded) this.#requests.turn()
    if (this.#responses.lost) {
      if (this.#pending.length === 0 || !startsLikeResponse(chunk.data)) {
        this.#stayLost(false)
        return
      }
      this.#responses.resume(chunk.position)
    }
    this.#responses.feed(chunk)
  }

  #onRequestHead(message: Message<RequestHead>): Framing {
    if (this.#pending.length === MAX_PENDING) {
      this.#host.count('pipeline_too_deep', MAX_PENDING + 1)
      this.#ignore()
      return UNKNOWN
    }
    this.#pending.push(message)
    if (message.head === undefined) return UNKNOWN
    if (!message.head.complete) {
      message.partial = 'request_head_truncated'
      this.#host.count('request_head_truncated')
    }
    return requestFraming(message.head)
  }

  #onResponseHead(message: Message<ResponseHead>): Framing {
    const { head } = message
    this.#answersNothing = this.#pending.length === 0
    if (head === undefined) return UNKNOWN
    if (isInterim(head)) return NONE
    const request = this.#pending[0]
    if (request?.head === undefined) return UNKNOWN // to HEAD there is no body: the method must be known
    if (this.#inferred !== undefined) this.#doubted ??= []
    this.#inferred = undefined
    const framing = responseFraming(head, request.head.method)
    if (framing.kind !== 'tunnel') return framing
    message.ended = true
    this.#pair(message)
    this.#host.count('upgraded')
    this.#ignore()
    return framing
  }

  #onResponseEnd(message: Message<ResponseHead>, inferred: boolean): void {
    const { head } = message
    if (head !== undefined && isInterim(head)) return
    this.#pair(message)
    if (head !== undefined && isLastOfConnection(head)) this.#lastAnswered = true
    if (!inferred) return
    this.#inferred = message
    if (head === undefined) this.#answerUnseen()
  }

  #pair(response: Message<ResponseHead>): void {
    const request = this.#pending.shift()
    if (request === undefined) {
      this.#host.count('response_unpaired')
      return
    }
    this.#proved = true
    this.#lostRuns = 0
    this.#lostChunks = 0
    const seen = response.head !== undefined
    this.#emit(request, seen ? response : undefined, response.lastNs, '', response.partial)
  }

  /** Requests that wait behind an end that was only inferred were answered in front of it, where nothing was captured. */
  #answerUnseen(): void {
    const doubted = this.#doubted ?? []
    const answer = this.#inferred
    this.#doubted = undefined
    this.#inferred = undefined
    const endNs = answer?.lastNs ?? doubted.at(-1)?.endNs
    if (endNs === undefined || this.#pending.length === 0) {
      for (const exchange of doubted) this.#host.exchange(exchange)
      return
    }
    for (const { request } of doubted) this.#emit(request, undefined, endNs, '', '')
    for (const request of this.#pending.splice(0)) this.#emit(request, undefined, endNs, '', '')
  }

  #emit(
    request: Message<RequestHead>,
    response: Message<ResponseHead> | undefined,
    endNs: number,
    failure: Failure,
    partial: PartialReason | '',
  ): void {
    if (!isSeen(request)) {
      this.#host.count('request_head_unseen')
      return
    }
    const unseen = response === undefined && failure === ''
    const why = partial || (unseen ? 'response_head_unseen' : request.partial)
    if (why !== '' && why !== request.partial) this.#host.count(why)
    const exchange = { request, response, endNs, failure, partial: why }
    if (this.#doubted === undefined) this.#host.exchange(exchange)
    else this.#doubted.push(exchange)
    if (this.#pending.length === 0) this.#answerUnseen()
  }

  #endRequests(): void {
    if (this.#requests.insideHead) this.#host.count('request_incomplete')
    this.#requests.lose()
  }

  #endResponses(reason: EndReason, ns: number): void {
    const message = this.#responses.finish()
    const reset = reason === 'reset'
    const failure = reset ? 'connection_reset' : 'connection_closed'
    const isFinal = message?.head === undefined || !isInterim(message.head)
    if (message !== undefined && isFinal) this.#endResponse(message, reason, failure)
    this.#answerUnseen()
    const unanswered = this.#pending.splice(0)
    if (unanswered.length === 0) return
    if (reason === 'evicted') this.#host.count('evicted_exchange', unanswered.length)
    else if (this.#lastAnswered) this.#host.count('request_unanswered', unanswered.length)
    else for (const request of unanswered) this.#emit(request, undefined, ns, failure, '')
  }

  #endResponse(message: Message<ResponseHead>, reason: EndReason, failure: Failure): void {
    const request = this.#pending.shift()
    if (request === undefined) {
      this.#host.count('response_unpaired')
      return
    }
    const broken = reason === 'reset' || !message.ended
    const seen = message.head !== undefined
    const response = seen ? message : undefined
    if (reason === 'evicted' && !message.ended) {
      this.#emit(request, response, message.lastNs, '', 'evicted')
    } else {
      this.#emit(request, response, message.lastNs, broken ? failure : '', message.partial)
    }
    if (seen) return
    this.#inferred = message
    this.#answerUnseen()
  }

  #onInvalid(): void {
    this.#host.count('not_http1')
    if (this.#proved || this.#wasLost) this.#fallOutOfStep()
    else this.#ignore()
  }

  #onGap(lost: boolean): void {
    this.#host.count('gap')
    if (!lost) return
    const message = this.#responses.finish()
    const request = message === undefined ? undefined : this.#pending.shift()
    if (message?.head !== undefined && request !== undefined && !isInterim(message.head)) {
      this.#emit(request, message, message.lastNs, '', 'gap')
    }
    this.#fallOutOfStep()
  }

  #fallOutOfStep(): void {
    this.#wasLost = true
    this.#requests.lose()
    this.#responses.lose()
    const waiting = this.#pending.splice(0).length
    if (waiting > 0) this.#host.count('out_of_step', waiting)
  }

  #stayLost(runBegins: boolean): void {
    if (runBegins) this.#lostRuns++
    this.#lostChunks++
    if (this.#lostRuns <= MAX_LOST_RUNS && this.#lostChunks <= MAX_LOST_CHUNKS) return
    this.#host.count('never_in_step')
    this.#ignore()
  }

  #ignore(): void {
    this.#ignored = true
    this.#pending.length = 0
    this.#requests.lose()
    this.#responses.lose()
    this.#host.verdict('ignore')
  }
}

/** 1xx but 101: another response follows. */
const isInterim = (head: ResponseHead) => head.status < 200 && head.status !== 101

const REQUEST_PARSER = {
  direction: 'request',
  parse: parseRequestHead,
  isComplete: (head: RequestHead) => head.complete,
  scansLaterCalls: true,
} as const

const RESPONSE_PARSER = {
  direction: 'response',
  parse: parseResponseHead,
  isComplete: (head: ResponseHead) => head.complete,
  scansLaterCalls: false,
} as const
