import type { Direction, EndReason } from '../../protocol.ts'
import type { Role } from '../../role.ts'
import type { FrameTimes } from '../chunks/reader.ts'
import type { ShownHeaders } from '../http1/shown_headers.ts'
import { Call, type Ending } from './call.ts'
import { NO_ERROR, REFUSED_STREAM } from './errors.ts'
import { HeaderBlocks } from './header_blocks.ts'
import { newRequest, type Request, readRequest, readResponse, readTrailers } from './heads.ts'
import { dataBytes, Flag, type Frame, FrameType } from './parse.ts'
import type { Http2Reason } from './reasons.ts'

export interface CallsHost {
  begun(call: Call): void
  call(call: Call, ending: Ending): void
  count(reason: Http2Reason, n?: number): void
}

/** Of one connection: more than servers allow at once. */
const MAX_CALLS = 4096
/** Answers that wait for the records of their requests. */
const MAX_EARLY = 64

const codeAt = ({ payload }: Frame, at: number) => payload.readUInt32BE(at)

/** The streams of one connection: which request waits, and what has come of it. */
export class Calls {
  readonly #host: CallsHost
  readonly #shown: ShownHeaders | undefined
  readonly #role: Role
  readonly #open = new Map<number, Call>()
  /** Of a client, those whose answer was recorded before their request, as http1/early_answer.ts has it. */
  readonly #early = new Map<number, Call>()
  #blocks = { request: new HeaderBlocks(), response: new HeaderBlocks() }
  /** The client's last: its streams are numbered upwards. */
  #lastId = 0

  constructor(role: Role, host: CallsHost, shown?: ShownHeaders) {
    this.#role = role
    this.#host = host
    this.#shown = shown
  }

  has(id: number): boolean {
    return this.#open.has(id)
  }

  /** The connection begins here: nothing was missed of it. */
  restart(): void {
    this.drop()
    this.#blocks = { request: new HeaderBlocks(), response: new HeaderBlocks() }
    this.#lastId = 0
  }

  /** Who waits will not be told of. */
  drop(): void {
    if (this.#open.size > 0) this.#host.count('http2_out_of_step', this.#open.size)
    this.#open.clear()
    this.#dropEarly()
  }

  /** Their requests do not come any more. */
  #dropEarly(): void {
    if (this.#early.size > 0) this.#host.count('http2_unpaired', this.#early.size)
    this.#early.clear()
  }

  /** A request that came before the connection became one of HTTP/2. */
  begin(call: Call): void {
    this.#lastId = Math.max(this.#lastId, call.id)
    this.#open.set(call.id, call)
    this.#host.begun(call)
    if (this.#open.size <= MAX_CALLS) return
    const [oldest] = this.#open.keys()
    this.#open.delete(oldest ?? 0)
    this.#host.count('too_many_waiting')
  }

  /** False: the frame makes no sense now. */
  frame(direction: Direction, frame: Frame, times: FrameTimes): boolean {
    const blocks = this.#blocks[direction]
    if (blocks.isOpen !== (frame.type === FrameType.continuation)) return false
    switch (frame.type) {
      case FrameType.headers:
      case FrameType.pushPromise:
      case FrameType.continuation: {
        const taken = blocks.take(frame, times)
        return taken === 'more' || (taken && this.#onBlock(direction, times))
      }
      case FrameType.data:
        this.#onData(direction, frame, times)
        return true
      case FrameType.rstStream:
        this.#fail(this.#open.get(frame.stream), codeAt(frame, 0), direction, times.lastNs)
        return true
      case FrameType.goaway:
        if (direction === 'response') this.#onGoaway(frame, times.lastNs)
        return true
      default:
        return true
    }
  }

  /** The front of a DATA frame is at hand: counts what it has of messages. */
  peek(direction: Direction, frame: Frame): void {
    const call = this.#find(frame.stream)
    if (call === undefined || call.grpcKind === '') return
    const messages = direction === 'request' ? call.requestMessages : call.responseMessages
    messages.add(frame.payload, (frame.flags & Flag.padded) === 0 ? 0 : 1, dataBytes(frame))
  }

  /** Bytes of this direction were missed. */
  gap(direction: Direction): void {
    this.#blocks[direction].forget()
    this.#dropEarly()
    for (const call of this.#open.values()) {
      if (direction === 'request' && call.requestEnded) continue
      call.hasGap = true
      if (direction === 'request') call.requestMessages.lose()
      else call.responseMessages.lose()
    }
  }

  end(reason: EndReason, ns: number): void {
    const failure = reason === 'reset' ? 'connection_reset' : 'connection_closed'
    for (const call of this.#open.values()) {
      if (call.hasGap) this.#endAfterGap(call)
      else if (reason === 'evicted') this.#host.count('evicted_exchange')
      else this.#finish(call, { endNs: ns, failure, code: undefined, byClient: false })
    }
    this.#open.clear()
    this.#dropEarly()
  }

  /** Its end may have been in the gap: with a response it is told as far as it was seen. */
  #endAfterGap(call: Call): void {
    if (call.response === undefined) this.#host.count('http2_out_of_step')
    else this.#finish(call, { ...WHOLE, endNs: call.lastNs })
  }

  #onBlock(direction: Direction, times: FrameTimes): boolean {
    const blocks = this.#blocks[direction]
    if (direction === 'response') return this.#onResponseBlock(blocks, times)
    const { stream, startNs } = blocks
    const opened = this.#open.get(stream)
    const request = readRequest(blocks.decode, this.#shown)
    if (request === undefined) return false
    if (opened === undefined && stream > this.#lastId && (stream & 1) === 1) {
      this.#ask(stream, request, startNs, times)
    }
    const call = this.#open.get(stream)
    if (call !== undefined && blocks.endsStream) call.requestEnded = true
    return true
  }

  /** A request begins, of which the answer may have been recorded already. */
  #ask(stream: number, request: Request, startNs: number, { lastNs, tgid }: FrameTimes): void {
    const early = this.#early.get(stream)
    for (const id of this.#early.keys()) if (id < stream) this.#dropOlder(id)
    if (early === undefined) {
      this.begin(new Call(stream, request, startNs, lastNs, tgid))
      return
    }
    this.#early.delete(stream)
    early.asked(request, startNs, tgid)
    this.begin(early)
    if (early.responseEnded) this.#complete(early, early.lastNs)
  }

  /** Requests are written in their order, so that of this one has been missed. */
  #dropOlder(id: number): void {
    this.#early.delete(id)
    this.#host.count('http2_unpaired')
  }

  /** Of a client: the answer to a request whose record is still to come. Undefined: it is none. */
  #beginEarly({ isPromise, stream }: HeaderBlocks, { firstNs, lastNs, tgid }: FrameTimes) {
    const isNext = !isPromise && stream > this.#lastId && (stream & 1) === 1
    if (!isNext) return undefined
    if (this.#role === 'server' || this.#early.size >= MAX_EARLY) {
      this.#host.count('http2_unpaired')
      return undefined
    }
    const call = new Call(stream, newRequest(), firstNs, lastNs, tgid)
    this.#early.set(stream, call)
    return call
  }

  #find(stream: number): Call | undefined {
    return this.#open.get(stream) ?? this.#early.get(stream)
  }

  #onResponseBlock(blocks: HeaderBlocks, times: FrameTimes): boolean {
    const known = blocks.isPromise ? undefined : this.#find(blocks.stream)
    const before = known?.response
    const response =
      before === undefined
        ? readResponse(blocks.decode, this.#shown)
        : readTrailers(blocks.decode, before)
    if (response === undefined) return false
    const call = known ?? this.#beginEarly(blocks, times)
    if (call === undefined) return true
    const { status } = response.head
    const isInterim = before === undefined && status >= 100 && status < 200
    if (!isInterim) call.answered(response)
    call.lastNs = times.lastNs
    call.responseTgid = times.tgid
    if (blocks.endsStream) this.#complete(call, times.lastNs)
    return true
  }

  #onData(direction: Direction, frame: Frame, times: FrameTimes): void {
    const call = this.#find(frame.stream)
    if (call === undefined) return
    const ends = (frame.flags & Flag.endStream) !== 0
    call.lastNs = times.lastNs
    if (direction === 'request') {
      call.requestBytes += dataBytes(frame)
      if (ends) call.requestEnded = true
      return
    }
    call.responseBytes += dataBytes(frame)
    if (ends) this.#complete(call, times.lastNs)
  }

  #complete(call: Call, endNs: number): void {
    call.responseEnded = true
    if (this.#early.has(call.id)) return
    this.#finish(call, { ...WHOLE, endNs })
  }

  #fail(call: Call | undefined, code: number, from: Direction, endNs: number): void {
    if (call === undefined) return
    this.#finish(call, { endNs, failure: 'stream', code, byClient: from === 'request' })
  }

  /** Streams behind the last that the server names were not looked at, and will not be. */
  #onGoaway(frame: Frame, ns: number): void {
    const last = codeAt(frame, 0) & 0x7fffffff
    const code = codeAt(frame, 4)
    for (const call of [...this.#open.values()]) {
      if (call.id > last)
        this.#fail(call, code === NO_ERROR ? REFUSED_STREAM : code, 'response', ns)
    }
  }

  #finish(call: Call, ending: Ending): void {
    this.#open.delete(call.id)
    this.#host.call(call, ending)
  }
}

const WHOLE = { failure: '', code: undefined, byClient: false } as const
