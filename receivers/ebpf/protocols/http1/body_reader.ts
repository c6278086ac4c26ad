import type { Chunk } from '../../protocol.ts'
import type { GrpcContent } from '../grpc/content.ts'
import { ChunkedBody } from './chunked.ts'
import type { Framing } from './framing.ts'

/** Follows a body whose end will be known: by its length, by its coding, or because it lasts as long as the direction. */
export class BodyReader {
  #kind: 'length' | 'chunked' | 'close' = 'close'
  /** Where a body of known length ends. */
  #end = 0
  /** How far this one has been followed. */
  #position = 0
  #chunked = new ChunkedBody()
  #content: GrpcContent | undefined

  /** A body begins at `position`, which `content` follows. False when its framing does not tell how it ends. */
  begin(framing: Framing, position: number, content?: GrpcContent): boolean {
    this.#position = position
    this.#content = content
    switch (framing.kind) {
      case 'length':
        this.beginLength(position, framing.bytes)
        return true
      case 'chunked':
        this.#kind = 'chunked'
        this.#chunked = new ChunkedBody(content)
        return true
      case 'close':
        this.#kind = 'close'
        return true
      default:
        return false
    }
  }

  beginLength(position: number, bytes: number): void {
    this.#kind = 'length'
    this.#position = position
    this.#end = position + bytes
  }

  get endsWithDirection(): boolean {
    return this.#kind === 'close'
  }

  get ended(): boolean {
    if (this.#kind === 'chunked') return this.#chunked.ended
    return this.#kind === 'length' && this.#position === this.#end
  }

  /** It is no longer known where in the coding we are: the last bytes of the calls tell the end. */
  get lost(): boolean {
    return this.#kind === 'chunked' && this.#chunked.lost
  }

  /** Content without its framing, at its end. */
  bodyBytes(framing: Framing): number {
    return framing.kind === 'length' ? framing.bytes : this.#chunked.decodedBytes
  }

  /** Reads on up to `stop`; `mayScan`: captured bytes may be looked at. Returns how far the body goes. */
  read(chunk: Chunk, stop: number, mayScan: boolean): number {
    if (this.#kind === 'chunked') this.#readChunked(chunk, stop, mayScan ? chunk.data.length : 0)
    else this.#readPlain(chunk, this.#kind === 'length' ? Math.min(this.#end, stop) : stop)
    return this.#position
  }

  /** Whether bytes up to `to` need not be seen. */
  maySkip(to: number): boolean {
    return this.#kind === 'close' || (this.#kind === 'length' && to <= this.#end)
  }

  skip(to: number): void {
    this.#content?.lose()
    this.#position = to
  }

  #readPlain(chunk: Chunk, to: number): void {
    this.#content?.add(chunk.data, this.#position - chunk.position, to - this.#position)
    this.#position = to
  }

  #readChunked(chunk: Chunk, stop: number, captured: number): void {
    const from = this.#position - chunk.position
    if (from < captured) this.#position = chunk.position + this.#chunked.scan(chunk.data, from)
    if (this.#chunked.ended || this.#position >= stop) return
    this.#chunked.skip(stop - this.#position, chunk.tail)
    this.#position = stop
  }
}
