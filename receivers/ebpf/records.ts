import { run } from '../../bpf/events.gen.ts'

/** Bytes in which records lie, and the view that the generated readers read. */
export interface Records {
  readonly bytes: Buffer
  readonly view: DataView
}

export const recordsIn = (bytes: Buffer): Records => ({
  bytes,
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
})

const TAIL_ROOM = 8

/** The last bytes of the run at `at`: a view, valid until the bytes are filled anew. */
export function tailOf({ bytes, view }: Records, at: number): Buffer {
  const end = at + run.tail + TAIL_ROOM
  return bytes.subarray(end - Math.min(run.tailBytes(view, at), TAIL_ROOM), end)
}
