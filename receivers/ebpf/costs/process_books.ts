/** What became of all that one process has moved since it was first seen. */
export interface Book {
  readonly spans: number
  /** Of connections that have ended: moved both ways, and how much of that was on connections that gave spans. */
  readonly bytes: number
  readonly bytesInSpans: number
  /** Of those, on connections whose TLS no library showed. */
  readonly bytesUnread: number
  /** How often each reason struck. */
  readonly reasons: ReadonlyMap<string, number>
}

interface OpenBook extends Book {
  spans: number
  bytes: number
  bytesInSpans: number
  bytesUnread: number
  readonly reasons: Map<string, number>
}

const BOOKS_MAX = 65_536

/** A book for each process that did anything. */
export class ProcessBooks {
  readonly #books = new Map<number, OpenBook>()

  of(tgid: number): Book | undefined {
    return this.#books.get(tgid)
  }

  /** A span was made. */
  span(tgid: number): void {
    this.#open(tgid).spans++
  }

  count(tgid: number, reason: string, n: number): void {
    const { reasons } = this.#open(tgid)
    reasons.set(reason, (reasons.get(reason) ?? 0) + n)
  }

  /** Spans that were made are not wanted after all. */
  dropped(tgid: number, reason: string, n: number): void {
    this.#open(tgid).spans -= n
    this.count(tgid, reason, n)
  }

  /** A connection is over. */
  ended(tgid: number, bytes: number, gaveSpans: boolean): void {
    const book = this.#open(tgid)
    book.bytes += bytes
    if (gaveSpans) book.bytesInSpans += bytes
  }

  /** A connection is over whose TLS nobody could read. */
  unread(tgid: number, bytes: number): void {
    this.#open(tgid).bytesUnread += bytes
  }

  /** The book of a process that is no more. */
  close(tgid: number): Book | undefined {
    const book = this.#books.get(tgid)
    this.#books.delete(tgid)
    return book
  }

  #open(tgid: number): OpenBook {
    const known = this.#books.get(tgid)
    if (known !== undefined) return known
    const oldest = this.#books.size < BOOKS_MAX ? undefined : this.#books.keys().next().value
    if (oldest !== undefined) this.#books.delete(oldest)
    const reasons = new Map<string, number>()
    const book = { spans: 0, bytes: 0, bytesInSpans: 0, bytesUnread: 0, reasons }
    this.#books.set(tgid, book)
    return book
  }
}
