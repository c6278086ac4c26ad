import type { Chunk, Direction, EndReason, ParseResult } from '../../protocol.ts'
import { BUDGET } from '../chunks/budget.ts'
import { FrameReader, type FrameTimes, type LossReason } from '../chunks/reader.ts'
import type { Dialogue } from '../chunks/stream.ts'
import { beginsCompressed } from './begins.ts'
import { type CompressedPacket, parseCompressed, unpack, unpackedFront } from './compressed.ts'
import type { MysqlPacket } from './packet.ts'
import { MysqlDialogue, type MysqlHost } from './stitch.ts'

export type MysqlFrame = MysqlPacket | CompressedPacket

const EMPTY = Buffer.alloc(0)

/** One direction of what lies in compressed packets: a stream with positions of its own. */
class Unpacked {
  readonly #direction: Direction
  readonly #dialogue: MysqlDialogue
  readonly #reader: FrameReader<MysqlPacket>
  #position = 0
  #lostBy: LossReason | undefined
  /** What is left of the run holds nothing that matters. */
  #skips = false

  constructor(direction: Direction, dialogue: MysqlDialogue) {
    this.#direction = direction
    this.#dialogue = dialogue
    this.#reader = new FrameReader<MysqlPacket>(
      {
        parse: (bytes) => dialogue.parse(direction, bytes),
        frame: (packet, times) => dialogue.frame(direction, packet, times),
        lost: (reason) => {
          this.#lostBy = reason
        },
      },
      BUDGET,
    )
  }

  /** False: it makes no sense here. */
  take(packet: CompressedPacket, times: FrameTimes): boolean {
    const data = unpack(packet)
    if (data === undefined) return false
    const chunk = this.#chunkOf(packet.length, data, times)
    if (this.#skips) this.#dialogue.skipped(chunk)
    else return this.#feed(chunk)
    return true
  }

  #chunkOf(bytes: number, data: Buffer, { firstNs, lastNs, tgid }: FrameTimes): Chunk {
    const position = this.#position
    this.#position += bytes
    const tail = data.length === bytes ? data.subarray(-8) : EMPTY
    return { direction: this.#direction, position, bytes, data, tail, firstNs, lastNs, tgid }
  }

  #feed(chunk: Chunk): boolean {
    this.#lostBy = undefined
    // Whoever gave it here knows that a packet begins with it.
    if (this.#reader.lost) this.#reader.resume()
    this.#reader.feed(chunk)
    if (this.#lostBy === undefined) return true
    if (this.#lostBy !== 'chunk_gap' || !this.#dialogue.skip(this.#direction)) return false
    this.#skips = true
    this.#dialogue.skipped(chunk)
    return true
  }

  /** Bytes around it were not captured. */
  skip(): boolean {
    if (!this.#skips && !this.#dialogue.skip(this.#direction)) return false
    this.lose()
    return true
  }

  /** The other side speaks. */
  turn(): void {
    this.#skips = false
  }

  lose(): void {
    this.#skips = false
    this.#reader.lose()
  }
}

/** A dialogue whose packets lie in compressed ones once client and server have agreed on that. */
export class UnpackingDialogue implements Dialogue<MysqlFrame> {
  readonly #adopted: boolean
  readonly #dialogue: MysqlDialogue
  #unpacked: Readonly<Record<Direction, Unpacked>> | undefined

  constructor(host: Omit<MysqlHost, 'unpack'>, adopted: boolean) {
    this.#adopted = adopted
    this.#dialogue = new MysqlDialogue({ ...host, unpack: () => this.#unpack() }, adopted)
  }

  #unpack(): void {
    this.#dialogue.unpacked()
    this.#unpacked = {
      request: new Unpacked('request', this.#dialogue),
      response: new Unpacked('response', this.#dialogue),
    }
  }

  get waiting(): number {
    return this.#dialogue.waiting
  }

  parse(direction: Direction, bytes: Buffer): ParseResult<MysqlFrame> {
    return this.#unpacked ? parseCompressed(bytes) : this.#dialogue.parse(direction, bytes)
  }

  begins(direction: Direction, bytes: Buffer): boolean {
    if (this.#unpacked !== undefined) {
      const front = unpackedFront(bytes)
      return front !== undefined && this.#dialogue.begins(direction, front)
    }
    if (this.#dialogue.begins(direction, bytes)) return true
    const isCompressed = this.#adopted && direction === 'request' && beginsCompressed(bytes)
    if (isCompressed) this.#unpack()
    return isCompressed
  }

  frame(direction: Direction, frame: MysqlFrame, times: FrameTimes): boolean {
    if (!('isPacked' in frame)) return this.#dialogue.frame(direction, frame, times)
    this.#unpacked?.[direction === 'request' ? 'response' : 'request'].turn()
    return this.#unpacked?.[direction].take(frame, times) ?? false
  }

  skip(direction: Direction): boolean {
    return this.#unpacked?.[direction].skip() ?? this.#dialogue.skip(direction)
  }

  skipped(chunk: Chunk): void {
    this.#dialogue.skipped(this.#unpacked ? { ...chunk, tail: EMPTY } : chunk)
  }

  drop(): number {
    this.#unpacked?.request.lose()
    this.#unpacked?.response.lose()
    return this.#dialogue.drop()
  }

  end(reason: EndReason, ns: number): void {
    this.#dialogue.end(reason, ns)
  }
}
