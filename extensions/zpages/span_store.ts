import { messageOf } from '../../pipeline/message_of.ts'
import type { SeenSpan } from '../../pipeline/telemetry/spans.ts'

/** Upper bounds of the columns, in milliseconds. */
const BOUNDS = [1, 10, 100, 1000] as const
const MAX_NAMES = 200
const KEPT = 20

interface Counts {
  readonly byTime: number[]
  errors: number
}

/** The last spans of weir's own, and how many there were of each name by the time that they took. */
export class SpanStore {
  readonly #byName = new Map<string, Counts>()
  #last: SeenSpan[] = []
  #lastErrors: SeenSpan[] = []
  #unnamed = 0

  readonly see = (span: SeenSpan): void => {
    const counts = this.#countsOf(span.name)
    if (counts === undefined) this.#unnamed += 1
    else {
      const column = BOUNDS.findIndex((bound) => span.ms < bound)
      const at = column < 0 ? BOUNDS.length : column
      counts.byTime[at] = (counts.byTime[at] ?? 0) + 1
      if (span.error !== undefined) counts.errors += 1
    }
    this.#last = [span, ...this.#last.slice(0, KEPT - 1)]
    if (span.error !== undefined) {
      this.#lastErrors = [span, ...this.#lastErrors.slice(0, KEPT - 1)]
    }
  }

  #countsOf(name: string): Counts | undefined {
    const known = this.#byName.get(name)
    if (known !== undefined || this.#byName.size >= MAX_NAMES) return known
    const counts = { byTime: Array.from({ length: BOUNDS.length + 1 }, () => 0), errors: 0 }
    this.#byName.set(name, counts)
    return counts
  }

  readonly countsHead = ['span', ...BOUNDS.map((ms) => `< ${ms} ms`), 'longer', 'errors']

  get counts(): readonly (readonly string[])[] {
    const rows = [...this.#byName].sort(([a], [b]) => (a < b ? -1 : 1))
    const shown = rows.map(([name, { byTime, errors }]) => [
      name,
      ...byTime.map(String),
      errors === 0 ? '0' : `!${errors}`,
    ])
    const others = [`beyond ${MAX_NAMES} names`, String(this.#unnamed)]
    return this.#unnamed === 0 ? shown : [...shown, others]
  }

  readonly lastHead = ['began (UTC)', 'took', 'span', 'with']

  get last(): readonly (readonly string[])[] {
    return this.#last.map(rowOf)
  }

  get lastErrors(): readonly (readonly string[])[] {
    return this.#lastErrors.map(rowOf)
  }
}

function rowOf({ name, startedAt, ms, attributes, error }: SeenSpan): readonly string[] {
  const about = Object.entries(attributes).flatMap(([key, value]) =>
    value === '' ? [] : `${key} ${value}`,
  )
  const said = messageOf(error)
  return [
    new Date(startedAt).toISOString().slice(11, 23),
    `${ms.toFixed(ms < 10 ? 2 : 0)}\u00a0ms`,
    name,
    error === undefined ? about.join(', ') : `!${[said, ...about].join(', ')}`,
  ]
}
