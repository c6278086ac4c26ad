import type { FrameTimes } from '../chunks/reader.ts'
import { HpackDecoder, type OnField } from './hpack.ts'
import { Flag, FRAME_HEAD_BYTES, type Frame, FrameType, headerBlock } from './parse.ts'

/** A block in CONTINUATION frames may be as long as this; servers take less. */
const MAX_BLOCK_BYTES = 64 << 10

/** Puts the header blocks of one direction together, and decodes them: each must be, for the next one's sake. */
export class HeaderBlocks {
  readonly #hpack = new HpackDecoder()
  #pieces: Buffer[] = []
  #bytes = 0
  #block: Buffer = Buffer.alloc(0)
  /** Of the block that is under way, or whole. */
  stream = 0
  startNs = 0
  endsStream = false
  /** It is a request that the server thought of. */
  isPromise = false

  /** CONTINUATION is to come, and nothing else. */
  get isOpen(): boolean {
    return this.#pieces.length > 0
  }

  /** What is whole now. */
  readonly decode = (onField: OnField): boolean => this.#hpack.decode(this.#block, onField)

  /** Blocks were missed. */
  forget(): void {
    this.#hpack.forget()
    this.#pieces = []
    this.#bytes = 0
  }

  /** True: a block is whole. False: this makes no sense. */
  take(frame: Frame, { firstNs }: FrameTimes): boolean | 'more' {
    const piece = headerBlock(frame)
    if (piece === undefined || (this.isOpen && frame.stream !== this.stream)) return false
    if (!this.isOpen) this.#begin(frame, firstNs)
    const isWhole = (frame.flags & Flag.endHeaders) !== 0
    if (isWhole && !this.isOpen) this.#block = piece
    else if (!this.#add(piece)) return false
    if (!isWhole) return 'more'
    if (this.isOpen) this.#join()
    return true
  }

  #begin(frame: Frame, firstNs: number): void {
    this.stream = frame.stream
    this.startNs = firstNs
    this.endsStream = frame.type === FrameType.headers && (frame.flags & Flag.endStream) !== 0
    this.isPromise = frame.type === FrameType.pushPromise
  }

  /** Copies: the frame's bytes are only lent. */
  #add(piece: Buffer): boolean {
    this.#bytes += FRAME_HEAD_BYTES + piece.length // no flood of empty ones
    this.#pieces.push(Buffer.from(piece))
    return this.#bytes <= MAX_BLOCK_BYTES
  }

  #join(): void {
    this.#block = Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#bytes = 0
  }
}
