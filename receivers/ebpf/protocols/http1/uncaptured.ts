import type { Chunk, RunProgress } from '../../protocol.ts'

const EMPTY = Buffer.alloc(0)

/** `bytes` of a run of which counters tell, and no record: nothing of them was captured. */
export function uncaptured(run: RunProgress, position: number, bytes: number, tgid: number): Chunk {
  const { direction, lastNs, tail } = run
  return { direction, position, bytes, data: EMPTY, tail, firstNs: lastNs, lastNs, tgid }
}
