import { CR, LF, lineFeedAt, matchesToken, SPACE } from './octets.ts'
import { ABSENT, isField, Place, PlainHead, VERSION_BYTES } from './plain_head.ts'

const CLOSE = 'close'
const KEEP_ALIVE = 'keep-alive'
const STATUS_END = VERSION_BYTES + 4
/** First letters of the names that matter. */
const [C, T] = [0x63, 0x74] as const

/** What spans say of it. */
export type PlainOutcome = Pick<PlainResponse, 'status' | 'contentLength'>

/** A final response that says itself how long it is, or is one that has no content. */
export class PlainResponse extends PlainHead {
  status = 0
  /** The server reads no further request on this connection. */
  isLast = false
  readonly #connection = new Place()

  read(buf: Uint8Array, start: number, limit: number): boolean {
    if (start + STATUS_END >= limit || !this.readVersion(buf, start, limit)) return false
    if (buf[start + VERSION_BYTES] !== SPACE) return false
    this.status = statusAt(buf, start + VERSION_BYTES + 1)
    if (this.status < 200) return false
    const after = buf[start + STATUS_END]
    if (after !== SPACE && after !== CR && after !== LF) return false
    const lf = lineFeedAt(buf, start + STATUS_END, limit)
    this.#connection.clear()
    return lf < limit && this.readLines(buf, lf + 1, limit) && this.#readConnection(buf)
  }

  protected override readLine(buf: Uint8Array, start: number, end: number): boolean {
    const first = (buf[start] ?? 0) | 0x20
    if (first === C) {
      if (isField(buf, start, end, 'content-length')) return this.takeLength(buf, start + 15, end)
      return !isField(buf, start, end, 'connection') || this.#connection.take(buf, start + 11, end)
    }
    return first !== T || !isField(buf, start, end, 'transfer-encoding')
  }

  /** As isLastOfConnection has it; anything but one of the two usual words is not plain. */
  #readConnection(buf: Uint8Array): boolean {
    const { start, end } = this.#connection
    if (start === ABSENT) {
      this.isLast = this.minor === 0
      return true
    }
    if (end - start === CLOSE.length && matchesToken(buf, start, CLOSE)) {
      this.isLast = true
      return true
    }
    this.isLast = false
    return end - start === KEEP_ALIVE.length && matchesToken(buf, start, KEEP_ALIVE)
  }
}

function statusAt(buf: Uint8Array, at: number): number {
  let value = 0
  for (let i = at; i < at + 3; i++) {
    const digit = (buf[i] ?? 0) - 0x30
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}
