import { DRAIN_HEADER_BYTES, type RingReader } from '../../native/ring_reader.ts'
import { type Records, recordsIn } from './records.ts'

/** One reused buffer: a record is at most 12 KiB or so. */
const BUFFER_BYTES = 512 * 1024
/** Of one drain, so that timers and sockets of the agent get their turn under load. */
const MAX_BYTES = 4 * 1024 * 1024

type OnRecord = (from: Records, at: number, length: number) => void

/** A ring and who reads its records. */
export interface DrainedRing {
  readonly reader: RingReader
  readonly onRecord: OnRecord
}

/**
 * Reads rings into one buffer, and hands on each record as a place in it. A record whose reader throws is reported and
 * left: the next is not its fault.
 */
export class Drain {
  readonly #records = recordsIn(Buffer.allocUnsafeSlow(BUFFER_BYTES))
  readonly #onError: (error: unknown) => void

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  /** Reads until the ring is empty or the bound is reached. Returns the bytes read. */
  read({ reader, onRecord }: DrainedRing): number {
    let total = 0
    while (total < MAX_BYTES) {
      const bytes = reader.drain(this.#records.bytes)
      if (bytes === 0) break
      this.#dispatch(bytes, onRecord)
      total += bytes
      if (bytes < BUFFER_BYTES / 2) break
    }
    return total
  }

  #dispatch(bytes: number, onRecord: OnRecord): void {
    const { view } = this.#records
    for (let at = 0; at + DRAIN_HEADER_BYTES <= bytes; ) {
      const length = view.getUint32(at, true)
      at += DRAIN_HEADER_BYTES
      try {
        onRecord(this.#records, at, length)
      } catch (error) {
        this.#onError(error)
      }
      at += (length + 7) & ~7
    }
  }
}
