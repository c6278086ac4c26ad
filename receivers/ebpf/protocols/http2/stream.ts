import type { Chunk, Connection, Direction, EndReason, Stream, Verdict } from '../../protocol.ts'
import { BUDGET } from '../chunks/budget.ts'
import { FrameReader, type LossReason } from '../chunks/reader.ts'
import { beginsPreface, findFrame } from './begins.ts'
import type { Calls } from './calls.ts'
import { type Frame, FrameType, PREFACE, parseFrame } from './parse.ts'
import type { Http2Reason } from './reasons.ts'

/** Chunks in a row, of either direction, that show no frame: then it is given up. */
const MAX_LOST_CHUNKS = 4096
/** Times that a connection may fall out of step without a response in between. */
const MAX_LOSSES = 64

export interface Http2Host {
  count(reason: Http2Reason, n?: number): void
  verdict(verdict: Verdict): void
}

interface Side {
  readonly direction: Direction
  readonly reader: FrameReader<Frame>
  /** Where its last chunk ended. */
  end: number | undefined
}

/**
 * A connection of HTTP/2 as chunks. Each direction is read by itself: where bytes are missing it goes on with the next frame that is one
 * for sure, and the streams tell which response belongs to which request.
 */
export class Http2Stream implements Stream {
  readonly awaitsProgress = false
  readonly #host: Http2Host
  readonly #calls: Calls
  readonly #adopted: boolean
  readonly #sides: Readonly<Record<Direction, Side>>
  #losses = 0
  #lostChunks = 0
  #ended = false
  #begun = false

  constructor(connection: Pick<Connection, 'adopted'>, host: Http2Host, calls: Calls) {
    this.#adopted = connection.adopted
    this.#host = host
    this.#calls = calls
    this.#sides = { request: this.#side('request'), response: this.#side('response') }
  }

  chunk(chunk: Chunk): void {
    if (this.#ended || chunk.bytes === 0) return
    this.#begin(chunk)
    const side = this.#sides[chunk.direction]
    const skipped = side.end !== undefined && chunk.position > side.end
    const wasLost = side.reader.lost
    side.end = chunk.position + chunk.bytes
    if (!wasLost) side.reader.feed(chunk)
    // What begins behind a gap may be a frame; what makes no sense is looked at once.
    if (side.reader.lost && (wasLost || skipped)) this.#join(side, chunk)
  }

  progress(): void {}

  end(reason: EndReason, ns: number): void {
    if (this.#ended || reason === 'in' || reason === 'out') return
    this.#calls.end(reason, ns)
    this.#close()
  }

  /** A response came: the connection is what it was taken for. */
  proved(): void {
    this.#losses = 0
    this.#lostChunks = 0
  }

  /** Where it does not begin with a preface, that is the middle of it: frames are looked for. */
  #begin({ direction, data }: Chunk): void {
    if (this.#begun) return
    this.#begun = true
    const known = Math.min(data.length, PREFACE.length)
    const isPreface = direction === 'request' && data.compare(PREFACE, 0, known, 0, known) === 0
    if (isPreface || (direction === 'response' && !this.#adopted)) return
    for (const side of Object.values(this.#sides)) {
      side.reader.lose()
      this.#calls.gap(side.direction)
    }
  }

  #side(direction: Direction): Side {
    const reader = new FrameReader<Frame>(
      {
        parse: (bytes) => {
          const result = parseFrame(direction, bytes)
          if (result.kind === 'frame' && result.frame.type === FrameType.data) {
            this.#calls.peek(direction, result.frame)
          }
          return result
        },
        frame: (frame, times) => this.#calls.frame(direction, frame, times),
        lost: (reason) => this.#onLost(direction, reason),
      },
      BUDGET,
    )
    return { direction, reader, end: undefined }
  }

  #join(side: Side, chunk: Chunk): void {
    const { data, bytes, position } = chunk
    if (side.direction === 'request' && beginsPreface(data)) this.#calls.restart()
    const at = findFrame(side.direction, data, bytes, (id) => this.#calls.has(id))
    if (at < 0) {
      if (++this.#lostChunks > MAX_LOST_CHUNKS) this.#giveUp()
      return
    }
    side.reader.resume()
    side.reader.feed({
      ...chunk,
      position: position + at,
      bytes: bytes - at,
      data: data.subarray(at),
    })
  }

  #onLost(direction: Direction, reason: LossReason): void {
    if (this.#ended) return
    this.#host.count(reason)
    this.#calls.gap(direction)
    if (++this.#losses > MAX_LOSSES) this.#giveUp()
  }

  #giveUp(): void {
    this.#host.count('chunk_given_up')
    this.#calls.drop()
    this.#close()
    this.#host.verdict('ignore')
  }

  #close(): void {
    this.#ended = true
    this.#sides.request.reader.lose()
    this.#sides.response.reader.lose()
  }
}
