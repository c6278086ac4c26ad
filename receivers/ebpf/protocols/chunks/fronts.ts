import type { Chunk } from '../../protocol.ts'

/** A program that reads the length of a message first, and then the rest, reads no more than this at first. */
const MAX_BYTES = 16

/** The front of a run, which came alone and was too short to tell anything: the next chunk is looked at with it. */
export class Fronts {
  #held: Chunk | undefined

  /** Keeps a copy of what is short and whole. False: nothing was kept. */
  keep(chunk: Chunk): boolean {
    if (chunk.bytes > MAX_BYTES || chunk.data.length < chunk.bytes) return false
    this.#held = { ...chunk, data: Buffer.from(chunk.data) }
    return true
  }

  /** What was kept, which is forgotten by that. */
  take(): Chunk | undefined {
    const held = this.#held
    this.#held = undefined
    return held
  }
}

/** Both as one, if `chunk` goes on where `front` ends. */
export function joined(front: Chunk | undefined, chunk: Chunk): Chunk | undefined {
  const { direction, position } = chunk
  if (front?.direction !== direction || front.position + front.bytes !== position) return undefined
  const data = Buffer.concat([front.data, chunk.data])
  const bytes = front.bytes + chunk.bytes
  return { ...chunk, position: front.position, firstNs: front.firstNs, bytes, data }
}
