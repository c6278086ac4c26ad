import { COLON, CR, lineFeedAt, matchesToken, SPACE, TAB } from './octets.ts'

/** Digits of a Content-Length that stays below 2^31. */
const LENGTH_MAX_DIGITS = 9
export const ABSENT = -1

/** `HTTP/1.x`, the last octet being the minor version. */
const HTTP_1 = 'HTTP/1.'
export const VERSION_BYTES = 8

/** A value between blanks, as a place in the bytes. Nothing is kept of it but that. */
export class Place {
  start = ABSENT
  end = ABSENT

  get isAbsent(): boolean {
    return this.start === ABSENT
  }

  clear(): void {
    this.start = ABSENT
    this.end = ABSENT
  }

  /** The value in `[start, end)` without its blanks. False when there is one already. */
  take(buf: Uint8Array, start: number, end: number): boolean {
    if (this.start !== ABSENT) return false
    let from = start
    let to = end
    while (from < to && isBlank(buf[from])) from++
    while (to > from && isBlank(buf[to - 1])) to--
    this.start = from
    this.end = to
    return true
  }
}

/**
 * Heads that need nothing special, read where they lie: no object or string is made. Such is what almost every exchange of a
 * connection is, and an allocation per field is most of what it would cost. `read` is false when anything is unusual (a header
 * twice, a transfer coding, text that is not ASCII ...): then parse.ts reads it, and alone decides what it means. One object is
 * used again and again; its fields are those of the last head that was read.
 */
export abstract class PlainHead {
  minor = 0
  /** Behind its empty line. */
  end = 0
  /** ABSENT, or what the header says. */
  contentLength = ABSENT
  readonly #length = new Place()

  get hasContentLength(): boolean {
    return this.contentLength !== ABSENT
  }

  /** Lines from `start` on; sets `end`. */
  protected readLines(buf: Uint8Array, start: number, limit: number): boolean {
    this.#length.clear()
    this.contentLength = ABSENT
    for (let at = start; at < limit; ) {
      const lf = lineFeedAt(buf, at, limit)
      if (lf === limit) return false
      const end = buf[lf - 1] === CR ? lf - 1 : lf
      if (end <= at) {
        this.end = lf + 1
        return this.#readLength(buf)
      }
      if (!this.readLine(buf, at, end)) return false
      at = lf + 1
    }
    return false
  }

  /** Keeps what it needs of the header line in `[start, end)`; false when the head is not plain. */
  protected abstract readLine(buf: Uint8Array, start: number, end: number): boolean

  protected takeLength(buf: Uint8Array, start: number, end: number): boolean {
    return this.#length.take(buf, start, end)
  }

  protected readVersion(buf: Uint8Array, at: number, limit: number): boolean {
    if (at + VERSION_BYTES > limit || !hasText(buf, at, HTTP_1)) return false
    this.minor = (buf[at + VERSION_BYTES - 1] ?? 0) - 0x30
    return this.minor === 0 || this.minor === 1
  }

  #readLength(buf: Uint8Array): boolean {
    const { start, end } = this.#length
    if (start === ABSENT) return true
    if (end === start || end - start > LENGTH_MAX_DIGITS) return false
    let length = 0
    for (let i = start; i < end; i++) {
      const digit = (buf[i] ?? 0) - 0x30
      if (digit < 0 || digit > 9) return false
      length = length * 10 + digit
    }
    this.contentLength = length
    return true
  }
}

const isBlank = (octet: number | undefined) => octet === SPACE || octet === TAB

/** Whether the line in `[start, end)` is the header `lower`. */
export function isField(buf: Uint8Array, start: number, end: number, lower: string): boolean {
  const colon = start + lower.length
  return colon < end && buf[colon] === COLON && matchesToken(buf, start, lower)
}

export function hasText(buf: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (buf[at + i] !== text.charCodeAt(i)) return false
  }
  return true
}
