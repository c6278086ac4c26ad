import type { Chunk, Direction, EndReason, RunProgress, Stream } from '../../protocol.ts'
import type { Role } from '../../role.ts'

export type Pairing = 'kernel' | 'user'

/** Captured bytes of each run, as `receivers::ebpf::capture` sets them. */
export interface Capture {
  readonly request: number
  readonly response: number
}

export const DEFAULT_CAPTURE: Capture = { request: 1024, response: 256 }

const TAIL_BYTES = 8
const STATUS_LINE = Buffer.from('HTTP/1.', 'latin1')
const METHODS = 'GET POST HEAD PUT DELETE PATCH OPTIONS CONNECT TRACE'.split(' ')
const EMPTY = Buffer.alloc(0)
/** What a record has in front of its captured bytes. */
const FRONT = Buffer.from('\r\nGET ', 'latin1')

interface Run {
  position: number
  bytes: number
  firstNs: number
  lastNs: number
  tail: Buffer
  captured: number
}

const newRun = (position: number, ns: number): Run => ({
  position,
  bytes: 0,
  firstNs: ns,
  lastNs: ns,
  tail: EMPTY,
  captured: 0,
})

/**
 * What bpf/include/runs.h makes of the calls on one connection, and what the receiver makes of that: either every call as a
 * chunk, or exchanges that were paired. For tests: both must give the same spans.
 */
export class KernelModel {
  readonly #role: Role
  readonly #stream: Stream
  readonly #capture: Capture
  readonly #pairs: boolean
  readonly #position = { request: 0, response: 0 }
  #runs = { request: newRun(0, 0), response: newRun(0, 0) }
  #phase: Direction | undefined
  #pairing: 'chunks' | 'held' | 'sent' = 'chunks'
  #held = EMPTY
  #reported = 0

  constructor(role: Role, stream: Stream, pairing: Pairing, capture: Capture = DEFAULT_CAPTURE) {
    this.#role = role
    this.#stream = stream
    this.#pairs = pairing === 'kernel'
    this.#capture = capture
  }

  /** One call has moved `data` one way, and returned at `ns`. */
  call(direction: Direction, data: Buffer, ns: number): void {
    if (direction === 'request') this.#request(data, ns)
    else this.#response(data, ns)
  }

  /** Bytes that no hook saw. */
  unseen(direction: Direction, bytes: number): void {
    this.#position[direction] += bytes
  }

  /** The receiver's drain: reads the counters for a stream that waits. */
  drain(nowNs: number): void {
    if (this.#stream.awaitsProgress) this.#progress('response', false, nowNs)
  }

  end(reason: EndReason, ns: number): void {
    const mayBeAnswered = reason === 'in' && this.#role === 'server'
    if (this.#pairing === 'held' && !mayBeAnswered) {
      this.#chunk('request', this.#runs.request, this.#held)
      this.#pairing = 'chunks'
    }
    this.#progress('request', true, ns)
    this.#progress('response', true, ns)
    this.#stream.end(reason, ns)
  }

  #request(data: Buffer, ns: number): void {
    if (this.#phase !== 'request') this.#beginRequest(ns)
    const run = this.#runs.request
    const { captured, one } = this.#move('request', run, data, ns, this.#capture.request)
    if (this.#pairing !== 'held') {
      this.#chunk('request', one, captured)
      return
    }
    this.#held = Buffer.concat([this.#held, captured])
    if (mayBeRequest(this.#held.toString('latin1', 0, 8))) return
    this.#chunk('request', run, this.#held)
    this.#pairing = 'chunks'
  }

  #beginRequest(ns: number): void {
    if (this.#pairing === 'sent') this.#reportResponse(ns)
    this.#phase = 'request'
    const { request, response } = this.#position
    this.#runs = { request: newRun(request, ns), response: newRun(response, ns) }
    this.#reported = 0
    this.#held = EMPTY
    this.#pairing = this.#pairs ? 'held' : 'chunks'
  }

  #response(data: Buffer, ns: number): void {
    if (this.#phase !== 'response') this.#runs.response = newRun(this.#position.response, ns)
    this.#phase = 'response'
    const run = this.#runs.response
    const before = this.#pairing
    const sends = before !== 'sent' || this.#sendsAfterExchange(run, data, ns)
    if (before === 'chunks' && startsWith(data, STATUS_LINE)) run.captured = 0
    const { captured, one } = this.#move(
      'response',
      run,
      data,
      ns,
      sends ? this.#capture.response : 0,
    )
    if (before !== 'held' || !this.#exchange(one, captured)) {
      if (before === 'held') this.#chunk('request', this.#runs.request, this.#held)
      if (!sends) return
      this.#chunk('response', one, captured)
    }
    this.#reported = run.bytes
    if (before !== 'held') return
    const interim = captured.length > 9 && captured[9] === 0x31
    this.#pairing = interim ? 'chunks' : 'sent'
    if (interim) run.captured = 0
  }

  /** Once the exchange has left, a call does only if the head was not all there, or another begins. */
  #sendsAfterExchange(run: Run, data: Buffer, ns: number): boolean {
    if (startsWith(data, STATUS_LINE)) {
      this.#reportResponse(ns)
      this.#pairing = 'chunks'
      run.captured = 0
      return true
    }
    if (endsHead(run.tail)) run.captured = this.#capture.response
    return run.captured < this.#capture.response
  }

  #reportResponse(ns: number): void {
    if (this.#runs.response.bytes > this.#reported) this.#progress('response', true, ns)
  }

  #move(direction: Direction, run: Run, data: Buffer, ns: number, limit: number) {
    const position = this.#position[direction]
    this.#position[direction] += data.length
    run.bytes = position + data.length - run.position
    run.lastNs = ns
    run.tail = Buffer.concat([run.tail, data]).subarray(-TAIL_BYTES)
    const captured = data.subarray(0, Math.max(0, limit - run.captured))
    run.captured += captured.length
    const one: Run = { ...run, position, bytes: data.length, firstNs: ns }
    return { captured, one }
  }

  /** As one record, if the stream takes it so. */
  #exchange(response: Run, captured: Buffer): boolean {
    const bytes = Buffer.concat([FRONT, this.#held, captured])
    const middle = FRONT.length + this.#held.length
    const paired = {
      bytes,
      request: { ...this.#runs.request, start: FRONT.length, end: middle },
      response: { ...response, start: middle, end: bytes.length },
      tgid: 1,
    }
    return this.#stream.exchange?.(paired) === true
  }

  #chunk(direction: Direction, run: Run, data: Buffer): void {
    const { position, bytes, firstNs, lastNs, tail } = run
    const chunk: Chunk = { direction, position, bytes, data, tail, firstNs, lastNs, tgid: 1 }
    this.#stream.chunk(chunk)
  }

  #progress(direction: Direction, inOrder: boolean, nowNs: number): void {
    const { position, bytes, lastNs, tail } = this.#runs[direction]
    const run: RunProgress = { direction, position, bytes, lastNs, tail, inOrder }
    this.#stream.progress(run, nowNs)
  }
}

/** As bpf/classify/http1.h: a known method and a space, or what there is of them. */
const mayBeRequest = (start: string) =>
  METHODS.some((method) => `${method} `.startsWith(start) || start.startsWith(`${method} `))

const startsWith = (data: Buffer, start: Buffer) => data.subarray(0, start.length).equals(start)

const endsHead = (tail: Buffer) => tail.toString('latin1').endsWith('\r\n\r\n')
