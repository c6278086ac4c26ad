/** A head that comes in pieces is kept up to here; beyond, it is read as far as it goes. */
const MAX_BYTES = 16 << 10

const EMPTY = Buffer.alloc(0)

/** The beginning of a head whose end has not come yet. */
export class SplitHead {
  /** All pieces so far. */
  data = EMPTY
  /** When the first of them moved. */
  firstNs = 0

  get isEmpty(): boolean {
    return this.data.length === 0
  }

  get isFull(): boolean {
    return this.data.length > MAX_BYTES
  }

  begin(piece: Buffer, firstNs: number): void {
    this.data = Buffer.from(piece)
    this.firstNs = firstNs
  }

  add(piece: Buffer): void {
    this.data = Buffer.concat([this.data, piece])
  }

  clear(): void {
    this.data = EMPTY
  }
}
