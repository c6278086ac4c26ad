import type { Chunk, Direction } from '../../protocol.ts'
import { contentToCome, endInferred, looksEnded, settles } from './inference.ts'
import type { Message } from './message.ts'

const EMPTY = Buffer.alloc(0)

/** The message that a reader is inside of: how far it has come, and what its last bytes say of its end. */
export class UnderWay<Head> {
  readonly #direction: Direction
  #message: Message<Head> | undefined
  /** Of the call that moved its last bytes so far, while its end is to be inferred. */
  #tail = EMPTY

  constructor(direction: Direction) {
    this.#direction = direction
  }

  /** Undefined between two messages. */
  get message(): Message<Head> | undefined {
    return this.#message
  }

  begin(message: Message<Head>): void {
    this.#message = message
  }

  forget(): void {
    this.#message = undefined
  }

  /** It has come as far as `to`, by this chunk. */
  pass(to: number, { lastNs }: Chunk): void {
    this.skip(to)
    if (this.#message !== undefined) this.#message.lastNs = lastNs
  }

  /** It has come as far as `to`, and nobody has seen when. */
  skip(to: number): void {
    if (this.#message !== undefined) this.#message.bytes = to - this.#message.position
  }

  /** Its end cannot be read: what can be guessed of it, these bytes say. */
  keepTail(tail: Buffer): void {
    this.#tail = Buffer.from(tail)
  }

  /** With last bytes that can be an end. */
  get looksEnded(): boolean {
    return this.#message !== undefined && looksEnded(this.#message, this.#tail, this.#direction)
  }

  /** Whether quiet has ended it. */
  settles(nowNs: number): boolean {
    return this.#message !== undefined && settles(this.#message, this.looksEnded, nowNs)
  }

  /** The bytes of content that follow a head whose end was not captured; undefined if that cannot be told. */
  contentToCome(tail: Buffer): number | undefined {
    return this.#message && contentToCome(this.#message, tail)
  }

  /** It ends where it stands. */
  inferEnd(): void {
    if (this.#message !== undefined) endInferred(this.#message)
  }

  /** Gives the message, which is whole. */
  end(): Message<Head> | undefined {
    const message = this.#message
    this.#message = undefined
    if (message !== undefined) message.ended = true
    return message
  }
}
