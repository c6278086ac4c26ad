import type { ProtobufWriter } from '../../pipeline/codec/protobuf_writer.ts'
import type { UnixTime } from '../../pipeline/data/time.ts'

/** Both clocks at one moment, nanoseconds. `windowNs`: how far apart they may have been read. */
export interface ClockReading {
  readonly bootNs: bigint
  readonly realNs: bigint
  readonly windowNs: number
}

const SECOND_NS = 1_000_000_000
const TWO_32 = 2 ** 32

/**
 * Boot time to wall time. The kernel stamps records with the boot clock, which no step of the wall clock moves;
 * both ends of a span are turned with the offset of the moment it is made, so its duration stays what was measured.
 * `update` is called before each drain: an offset is never older than that.
 */
export class Clock {
  /** The zero of every time in user space: a `boot_ns` of the kernel less this. */
  readonly epochBootNs: bigint
  readonly #read: (enoughNs?: number) => ClockReading
  /** Twice what the first reading took: one that the thread was put aside in takes far longer. */
  readonly #enoughNs: number
  readonly #now: (epochBootNs: bigint) => number
  #offsetNs = 0n
  #epochSeconds = 0
  #epochNanoseconds = 0
  /** Wall time of the epoch, in two halves of 32 bits. */
  #epochHigh = 0
  #epochLow = 0

  /** `now`: nanoseconds on the boot clock since a moment of it, if there is a cheaper way than to read both. */
  constructor(
    read: (enoughNs?: number) => ClockReading,
    now = (epochBootNs: bigint) => Number(read().bootNs - epochBootNs),
  ) {
    this.#read = read
    this.#now = now
    const first = read()
    this.epochBootNs = first.bootNs
    this.#enoughNs = 2 * first.windowNs
    this.#setOffset(first.realNs - first.bootNs)
  }

  /** Reads the clocks again. Less than the reading's own uncertainty is no drift: it would make times jump about. */
  update(): void {
    const { bootNs, realNs, windowNs } = this.#read(this.#enoughNs)
    const offsetNs = realNs - bootNs
    if (Math.abs(Number(offsetNs - this.#offsetNs)) > windowNs) this.#setOffset(offsetNs)
  }

  /** Nanoseconds since the agent's epoch, now. */
  nowNs(): number {
    return this.#now(this.epochBootNs)
  }

  /** `ns` since the agent's epoch; negative for what is older. */
  unixTime(ns: number): UnixTime {
    const total = this.#epochNanoseconds + ns
    const seconds = Math.floor(total / SECOND_NS)
    return [this.#epochSeconds + seconds, total - seconds * SECOND_NS]
  }

  /** The same as a field of nanoseconds since 1970. A multiple of 2^32 is exact whatever it is added to. */
  writeTime(to: ProtobufWriter, tag: number, ns: number): void {
    const whole = Math.floor(ns / TWO_32)
    const low = this.#epochLow + (ns - whole * TWO_32)
    const carry = low >= TWO_32 ? 1 : 0
    to.halves64(tag, low - carry * TWO_32, this.#epochHigh + whole + carry)
  }

  #setOffset(offsetNs: bigint): void {
    this.#offsetNs = offsetNs
    const epoch = this.epochBootNs + offsetNs
    this.#epochSeconds = Number(epoch / BigInt(SECOND_NS))
    this.#epochNanoseconds = Number(epoch % BigInt(SECOND_NS))
    this.#epochHigh = Number(epoch >> 32n)
    this.#epochLow = Number(epoch & 0xffffffffn)
  }
}
