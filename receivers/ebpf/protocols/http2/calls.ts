import type { Direction, EndReason } from '../../protocol.ts'
import type { FrameTimes } from '../chunks/reader.ts'
import type { ShownHeaders } from '../http1/shown_headers.ts'
import { Call, type Ending } from './call.ts'
import { NO_ERROR, REFUSED_STREAM } from './errors.ts'
import { HeaderBlocks } from './header_blocks.ts'
import { readRequest, readResponse, readTrailers } from './heads.ts'
import { dataBytes, Flag, type Frame, FrameType } from './parse.ts'
import type { Http2Reason } from './reasons.ts'

export interface CallsHost {
  begun(call: Call): void
  call(call: Call, ending: Ending): void
  count(reason: Http2Reason, n?: number): void
}

/** Of one connection: more than servers allow at once. */
const MAX_CALLS = 4096

const codeAt = ({ payload }: Frame, at: number) => payload.readUInt32BE(at)

/** The streams of one connection: which request waits, and what has come of it. */
export class Calls {
  readonly #host: CallsHost
  readonly #shown: ShownHeaders | undefined
  readonly #open = new Map<number, Call>()
  #blocks = { request: new HeaderBlocks(), response: new HeaderBlocks() }
  /** The client's last: its streams are numbered upwards. */
  #lastId = 0

  constructor(host: CallsHost, shown?: ShownHeaders) {
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
    const call = this.#open.get(frame.stream)
    if (call === undefined || call.grpcKind === '') return
    const messages = direction === 'request' ? call.requestMessages : call.responseMessages
    messages.add(frame.payload, (frame.flags & Flag.padded) === 0 ? 0 : 1, dataBytes(frame))
  }

  /** Bytes of this direction were missed. */
  gap(direction: Direction): void {
    this.#blocks[direction].forget()
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
      this.begin(new Call(stream, request, startNs, times.lastNs, times.tgid))
    }
    const call = this.#open.get(stream)
    if (call !== undefined && blocks.endsStream) call.requestEnded = true
    return true
  }

  #onResponseBlock(blocks: HeaderBlocks, times: FrameTimes): boolean {
    const call = blocks.isPromise ? undefined : this.#open.get(blocks.stream)
    const before = call?.response
    const response =
      before === undefined
        ? readResponse(blocks.decode, this.#shown)
        : readTrailers(blocks.decode, before)
    if (response === undefined) return false
    if (call === undefined) {
      const isMissed = !blocks.isPromise && blocks.stream > this.#lastId
      if (isMissed && (blocks.stream & 1) === 1) this.#host.count('http2_unpaired')
      return true
    }
    const { status } = response.head
    const isInterim = before === undefined && status >= 100 && status < 200
    if (!isInterim) call.answered(response)
    call.lastNs = times.lastNs
    call.responseTgid = times.tgid
    if (blocks.endsStream) this.#complete(call, times.lastNs)
    return true
  }

  #onData(direction: Direction, frame: Frame, times: FrameTimes): void {
    const call = this.#open.get(frame.stream)
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
