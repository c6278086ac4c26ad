import { DRAIN_HEADER_BYTES, type RingReader } from '../../native/ring_reader.ts'
import { type Records, recordsIn } from './records.ts'

/**
 * One reused buffer, and the bound of one read: some 1,500 exchanges, so that sockets and timers of the agent, and the
 * pipeline, get their turn under load. A record is at most 12 KiB or so.
 */
export const BUFFER_BYTES = 512 * 1024

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

  /** Reads as much as one buffer takes. Returns the bytes read; more than half of BUFFER_BYTES means that more may wait. */
  read({ reader, onRecord }: DrainedRing): number {
    const bytes = reader.drain(this.#records.bytes)
    if (bytes > 0) this.#dispatch(bytes, onRecord)
    return bytes
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
