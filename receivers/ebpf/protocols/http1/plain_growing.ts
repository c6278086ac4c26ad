import type { Chunk, Direction, Paired, PairedRun } from '../../protocol.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const EMPTY = Buffer.alloc(0)

/** A copy of a plain exchange of whose response only the beginning had moved when its record left. */
export class GrowingExchange implements Paired {
  readonly bytes: Buffer
  readonly request: PairedRun
  readonly response: Mutable<PairedRun>
  readonly tgid: number
  /** Of the response, once all of it has moved. */
  readonly responseBytes: number

  constructor({ bytes, request, response, tgid }: Paired, responseBytes: number) {
    this.bytes = Buffer.from(bytes.subarray(request.start, response.end))
    this.request = moved(request, request.start)
    this.response = moved(response, request.start)
    this.tgid = tgid
    this.responseBytes = responseBytes
  }

  /** Whether the chunk goes on where the response has come to. */
  continues({ direction, position }: Chunk): boolean {
    const { response } = this
    return direction === 'response' && position <= response.position + response.bytes
  }

  /** One side as if a single call had moved it. */
  chunk(direction: Direction): Chunk {
    const { position, bytes, start, end, firstNs, lastNs } = this[direction]
    const data = this.bytes.subarray(start, end)
    return { direction, position, bytes, data, tail: EMPTY, firstNs, lastNs, tgid: this.tgid }
  }
}

const moved = (
  { position, bytes, start, end, firstNs, lastNs }: PairedRun,
  by: number,
): Mutable<PairedRun> => ({
  position,
  bytes,
  start: start - by,
  end: end - by,
  firstNs,
  lastNs,
})
