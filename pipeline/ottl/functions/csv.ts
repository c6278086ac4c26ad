import { EvaluationError } from '../error.ts'

const NOT_CLOSED = 'ParseCSV: a quote is not closed'
const BARE = 'ParseCSV: a quote within a field that does not begin with one'
const BEHIND = 'ParseCSV: something stands behind the quote that ends a field'

/**
 * The fields of one row, as Go's `encoding/csv` finds them: in quotes a delimiter and the end of a line are text, and two
 * quotes are one. `lazy` takes quotes anywhere. What follows the end of a line belongs to the field before it.
 */
export function readRow(text: string, delimiter: string, lazy: boolean): readonly string[] {
  const rows = new CsvReader(text, delimiter, lazy).rows()
  const [first, ...rest] = rows
  if (first === undefined) throw new EvaluationError('ParseCSV: there are no fields')
  for (const [continued, ...more] of rest) {
    first.push(`${first.pop()}\n${continued}`, ...more)
  }
  return first
}

class CsvReader {
  readonly #text: string
  readonly #delimiter: string
  readonly #lazy: boolean
  #at = 0
  /** The next end of a line, and the next delimiter, each looked for once. */
  #newline = -1
  #separator = -1

  constructor(text: string, delimiter: string, lazy: boolean) {
    this.#text = text.replaceAll('\r\n', '\n').replace(/\r$/, '')
    this.#delimiter = delimiter
    this.#lazy = lazy
  }

  rows(): string[][] {
    const rows: string[][] = []
    while (this.#at < this.#text.length) {
      if (!this.#accept('\n')) rows.push(this.#row())
    }
    return rows
  }

  #row(): string[] {
    const row: string[] = []
    do row.push(this.#accept('"') ? this.#quoted() : this.#plain())
    while (this.#accept(this.#delimiter))
    this.#accept('\n')
    return row
  }

  #accept(mark: string): boolean {
    const found = this.#text.startsWith(mark, this.#at)
    if (found) this.#at += mark.length
    return found
  }

  #plain(): string {
    if (this.#newline < this.#at) this.#newline = this.#next('\n')
    if (this.#separator < this.#at) this.#separator = this.#next(this.#delimiter)
    const field = this.#text.slice(this.#at, Math.min(this.#newline, this.#separator))
    if (!this.#lazy && field.includes('"')) throw new EvaluationError(BARE)
    this.#at += field.length
    return field
  }

  #next(mark: string): number {
    const found = this.#text.indexOf(mark, this.#at)
    return found < 0 ? this.#text.length : found
  }

  /** Behind the quote that opens it. */
  #quoted(): string {
    let field = ''
    for (;;) {
      const end = this.#next('"')
      field += this.#text.slice(this.#at, end)
      this.#at = end
      if (!this.#accept('"')) {
        if (!this.#lazy) throw new EvaluationError(NOT_CLOSED)
        return field
      }
      const isEnd = ['\n', this.#delimiter].some((mark) => this.#text.startsWith(mark, this.#at))
      if (isEnd || this.#at === this.#text.length) return field
      if (!this.#accept('"') && !this.#lazy) throw new EvaluationError(BEHIND)
      field += '"'
    }
  }
}
