import type { Chunk, Positions, Stream } from '../protocol.ts'

/** What of the chunk lies at `begins` and behind; undefined when nothing does. */
function restOf(chunk: Chunk, begins: Positions | undefined): Chunk | undefined {
  const passed = (begins?.[chunk.direction] ?? 0) - chunk.position
  if (passed <= 0) return chunk
  if (passed >= chunk.bytes) return undefined
  const { position, bytes, data } = chunk
  return {
    ...chunk,
    position: position + passed,
    bytes: bytes - passed,
    data: data.subarray(Math.min(passed, data.length)),
  }
}

/** Gives the chunk to the stream of a connection, and what is left of it to the stream that this may have become. */
export function feedAll(
  connection: { readonly stream: Stream | undefined; readonly begins?: Positions | undefined },
  chunk: Chunk,
): void {
  let stream: Stream | undefined
  let rest: Chunk | undefined = chunk
  while (connection.stream !== stream && rest !== undefined) {
    stream = connection.stream
    rest = restOf(rest, connection.begins)
    if (rest !== undefined) stream?.chunk(rest)
  }
}
