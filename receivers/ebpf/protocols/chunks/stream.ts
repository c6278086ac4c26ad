import type {
  Chunk,
  Connection,
  Direction,
  EndReason,
  ParseResult,
  RunProgress,
  Stream,
  Verdict,
} from '../../protocol.ts'
import { BUDGET, type Budget } from './budget.ts'
import { Fronts, joined } from './fronts.ts'
import { FrameReader, type FrameTimes, type LossReason } from './reader.ts'
import type { ChunkReason } from './reasons.ts'

/** Times that a connection may fall out of step without an exchange in between, before it is given up. */
const MAX_LOSSES = 8
/** Request runs that show no beginning while out of step; of a connection that never did. */
const MAX_LOST_RUNS = 64
/** Exchanges kept back until it is sure that answers and requests were joined rightly. */
const MAX_UNSURE = 256

/** What a protocol knows of its messages: the rest is the same for all that are read as chunks. */
export interface Dialogue<Frame> {
  parse(direction: Direction, bytes: Buffer): ParseResult<Frame>
  /** Could a message begin with these bytes? Asked where a connection is joined, or joined again. */
  begins(direction: Direction, bytes: Buffer): boolean
  /** False: the frame makes no sense now. */
  frame(direction: Direction, frame: Frame, times: FrameTimes): boolean
  /**
   * Bytes of this direction's run were not captured. True: nothing that matters is in them, and the run may be skipped up to where
   * the other side speaks.
   */
  skip?(direction: Direction): boolean
  /** What is skipped has come so far. */
  skipped?(chunk: Chunk): void
  /** Answers say which request they answer: none can be joined wrongly, also where the connection is joined in the middle. */
  readonly named?: boolean
  /** Nothing answers another: each direction goes on where it begins, whatever the other does. */
  readonly apart?: boolean
  /** Requests that wait for an answer. */
  readonly waiting: number
  /** Out of step: forgets who waits, and what it knows of the connection. Returns how many exchanges are lost by that. */
  drop(): number
  /** The connection is over: who waits gets no answer. */
  end(reason: EndReason, ns: number): void
}

export interface ChunkHost {
  count(reason: ChunkReason, n?: number): void
  verdict(verdict: Verdict): void
}

/**
 * A connection whose bytes come as chunks. Where some are missing or make no sense, both directions are lost: what waits is
 * dropped and counted, and the next request run that begins like one is where it goes on. Exchanges after that are kept until
 * requests and answers come out even, for an answer may have been under way to a request that nobody saw.
 */
export class ChunkStream<Frame> implements Stream {
  readonly awaitsProgress = false
  readonly #dialogue: Dialogue<Frame>
  readonly #host: ChunkHost
  readonly #requests: FrameReader<Frame>
  readonly #responses: FrameReader<Frame>
  readonly #requestFronts = new Fronts()
  readonly #responseFronts = new Fronts()
  #direction: Direction | undefined
  #losses = 0
  #lostRuns = 0
  /** Its run is skipped. */
  #skips: Direction | undefined
  /** Joined in the middle, and not even yet: what is to be emitted once it is. */
  #unsure: (() => void)[] | undefined
  /** Nobody has seen how the connection began. */
  #ended = false

  constructor(
    connection: Pick<Connection, 'adopted'>,
    host: ChunkHost,
    dialogue: (deliver: (emit: () => void) => void) => Dialogue<Frame>,
    budget: Budget = BUDGET,
  ) {
    this.#host = host
    this.#dialogue = dialogue((emit) => this.#deliver(emit))
    this.#requests = this.#reader('request', budget)
    this.#responses = this.#reader('response', budget)
    if (connection.adopted) this.#loseBoth()
  }

  chunk(chunk: Chunk): void {
    if (this.#ended || chunk.bytes === 0) return
    const turned = chunk.direction !== this.#direction
    this.#direction = chunk.direction
    if (this.#skips !== undefined && this.#skips !== chunk.direction) this.#endSkip(this.#skips)
    if (this.#skips === undefined) this.#read(chunk, turned)
    if (this.#skips === chunk.direction) this.#dialogue.skipped?.(chunk)
  }

  #read(chunk: Chunk, turned: boolean): void {
    if (chunk.direction === 'request') this.#request(chunk, turned)
    else this.#response(chunk)
  }

  #endSkip(direction: Direction): void {
    this.#skips = undefined
    if (direction === 'request') this.#requests.resume()
    else this.#responses.resume()
  }

  progress(_run: RunProgress, _nowNs: number): void {}

  end(reason: EndReason, ns: number): void {
    if (this.#ended || reason === 'in' || reason === 'out') return
    if (this.#dialogue.waiting === 0) this.#settle()
    else this.#dropUnsure()
    if (reason === 'evicted') this.#host.count('evicted_exchange', this.#dialogue.drop())
    else this.#dialogue.end(reason, ns)
    this.#close()
  }

  /** Nothing more is wanted of this connection. */
  ignore(): void {
    if (this.#ended) return
    this.#count('chunk_out_of_step', this.#dialogue.drop())
    this.#dropUnsure()
    this.#close()
    this.#host.verdict('ignore')
  }

  /** What follows is not this stream's, and the kernel goes on looking. */
  leave(): void {
    this.#count('chunk_out_of_step', this.#dialogue.drop())
    this.#close()
  }

  #close(): void {
    this.#ended = true
    this.#requests.lose()
    this.#responses.lose()
  }

  #reader(direction: Direction, budget: Budget): FrameReader<Frame> {
    return new FrameReader<Frame>(
      {
        parse: (bytes) => this.#dialogue.parse(direction, bytes),
        frame: (frame, times) => this.#dialogue.frame(direction, frame, times),
        lost: (reason) => this.#onLost(reason, direction),
      },
      budget,
    )
  }

  #request(chunk: Chunk, turned: boolean): void {
    if (turned && this.#dialogue.waiting === 0 && this.#responses.atBoundary) this.#settle()
    const fed = this.#requests.lost ? this.#join(chunk, turned) : chunk
    if (fed !== undefined) this.#requests.feed(fed)
  }

  /** Out of step: does this run begin with a request? Then that is what to read. */
  #join(chunk: Chunk, turned: boolean): Chunk | undefined {
    const held = this.#requestFronts.take()
    const whole = turned ? chunk : joined(held, chunk)
    const front = this.#beginning('request', whole, chunk)
    if (front !== undefined) {
      this.#requests.resume()
      this.#unsure = this.#dialogue.named ? undefined : []
      return front
    }
    if (whole !== undefined) this.#requestFronts.keep(whole)
    if (turned && ++this.#lostRuns > MAX_LOST_RUNS) this.#giveUp()
    return undefined
  }

  #response(chunk: Chunk): void {
    if (!this.#responses.lost) {
      this.#responses.feed(chunk)
      return
    }
    if (this.#requests.lost && this.#dialogue.apart !== true) return
    const whole = joined(this.#responseFronts.take(), chunk) ?? chunk
    const front = this.#beginning('response', whole, chunk)
    if (front !== undefined) {
      this.#responses.resume()
      this.#responses.feed(front)
    } else if (!this.#responseFronts.keep(whole) && !this.#dialogue.named) {
      this.#onLost('chunk_invalid', 'response')
    }
  }

  /** Which of these a message begins with: what was kept and the chunk, or where directions are apart any chunk. */
  #beginning(direction: Direction, whole: Chunk | undefined, chunk: Chunk): Chunk | undefined {
    const fronts = this.#dialogue.apart === true ? [whole, chunk] : [whole]
    return fronts.find((one) => one !== undefined && this.#dialogue.begins(direction, one.data))
  }

  #deliver(emit: () => void): void {
    if (this.#unsure === undefined) {
      this.#losses = 0
      emit()
    } else if (this.#unsure.length < MAX_UNSURE) this.#unsure.push(emit)
    else this.#host.count('chunk_out_of_step')
  }

  /** Requests and answers are even. */
  #settle(): void {
    if (this.#unsure === undefined) return
    const unsure = this.#unsure
    this.#unsure = undefined
    for (const emit of unsure) this.#deliver(emit)
  }

  #onLost(reason: LossReason, direction: Direction): void {
    if (this.#ended) return
    if (reason === 'chunk_gap' && this.#dialogue.skip?.(direction) === true) {
      this.#skips = direction
      return
    }
    this.#host.count(reason)
    this.#loseBoth()
    if (++this.#losses >= MAX_LOSSES) this.#giveUp()
  }

  #loseBoth(): void {
    this.#skips = undefined
    this.#requests.lose()
    this.#responses.lose()
    this.#count('chunk_out_of_step', this.#dialogue.drop())
    this.#dropUnsure()
    this.#unsure = this.#dialogue.named ? undefined : []
  }

  #giveUp(): void {
    this.#host.count('chunk_given_up')
    this.ignore()
  }

  #dropUnsure(): void {
    this.#count('chunk_out_of_step', this.#unsure?.length ?? 0)
    this.#unsure = undefined
  }

  #count(reason: ChunkReason, n: number): void {
    if (n > 0) this.#host.count(reason, n)
  }
}
