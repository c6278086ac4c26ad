import type { SpanView } from '../span_view.ts'

/** What spans are told apart by; '' where there is none. */
export interface Group {
  readonly service: string
  readonly kind: string
  readonly route: string
  readonly peer: string
}

/** What came of one group lately. Times are milliseconds. */
export interface Rate {
  readonly group: Group
  readonly perSecond: number
  readonly errorsPerSecond: number
  readonly p50: number
  readonly p99: number
}

interface Tally {
  readonly group: Group
  spans: number
  errors: number
  /** How many durations are near `STEP ** key` milliseconds. */
  readonly durations: Map<number, number>
}

interface Slice {
  readonly since: number
  readonly tallies: Map<string, Tally>
}

/** Times are right to 1 %. */
const STEP = 1.02
/** Slices of time that are looked back on, and how long each is. */
const SLICES = 5
export const SLICE_MS = 2000
export const WINDOW_SECONDS = (SLICES * SLICE_MS) / 1000
const GROUPS_MAX = 2000
const OTHER = '(other)'

/** Counts spans by group over a window of some slices of time. Memory is bounded: of too many groups the last share one per service. */
export class Rates {
  #slices: Slice[]

  /** Times are milliseconds of one clock. */
  constructor(now: number) {
    this.#slices = [{ since: now, tallies: new Map() }]
  }

  add(span: SpanView): void {
    const tallies = this.#slices.at(-1)?.tallies
    if (tallies !== undefined) addTo(tallies, groupOf(span), span.error, span.duration_ms)
  }

  /** Begins a slice, and forgets the oldest. */
  turn(now: number): void {
    this.#slices = [...this.#slices.slice(1 - SLICES), { since: now, tallies: new Map() }]
  }

  /** All slices together; `merge` says as what a group counts, undefined for not at all. */
  read(now: number, merge: (group: Group) => Group | undefined): readonly Rate[] {
    const merged = new Map<string, Tally>()
    for (const { tallies } of this.#slices) {
      for (const tally of tallies.values()) {
        const group = merge(tally.group)
        if (group !== undefined) combine(tallyOf(merged, group), tally)
      }
    }
    const seconds = Math.max(now - (this.#slices[0]?.since ?? now), 1) / 1000
    return [...merged.values()].map((tally) => rateOf(tally, seconds))
  }
}

function groupOf({ service, kind, name, attributes }: SpanView): Group {
  const key = kind === 'client' || kind === 'producer' ? 'server.address' : 'client.address'
  const peer = attributes[key] ?? attributes['network.peer.address'] ?? ''
  return { service, kind, route: name, peer: String(peer) }
}

function addTo(tallies: Map<string, Tally>, group: Group, error: boolean, ms: number): void {
  const full = tallies.size >= GROUPS_MAX && !tallies.has(keyOf(group))
  const tally = tallyOf(tallies, full ? { ...group, route: OTHER, peer: OTHER } : group)
  tally.spans++
  if (error) tally.errors++
  const step = ms > 0 ? Math.round(Math.log(ms) / Math.log(STEP)) : -Infinity
  tally.durations.set(step, (tally.durations.get(step) ?? 0) + 1)
}

const keyOf = ({ service, kind, route, peer }: Group) => [service, kind, route, peer].join('\0')

function tallyOf(tallies: Map<string, Tally>, group: Group): Tally {
  const key = keyOf(group)
  const tally = tallies.get(key) ?? { group, spans: 0, errors: 0, durations: new Map() }
  tallies.set(key, tally)
  return tally
}

function combine(into: Tally, { spans, errors, durations }: Tally): void {
  into.spans += spans
  into.errors += errors
  for (const [step, count] of durations) {
    into.durations.set(step, (into.durations.get(step) ?? 0) + count)
  }
}

function rateOf({ group, spans, errors, durations }: Tally, seconds: number): Rate {
  const steps = [...durations].sort(([a], [b]) => a - b)
  return {
    group,
    perSecond: spans / seconds,
    errorsPerSecond: errors / seconds,
    p50: quantile(steps, spans * 0.5),
    p99: quantile(steps, spans * 0.99),
  }
}

/** The duration of the `rank`th shortest. */
function quantile(steps: readonly (readonly [number, number])[], rank: number): number {
  let below = 0
  for (const [step, count] of steps) {
    below += count
    if (below >= rank) return STEP ** step
  }
  return 0
}
