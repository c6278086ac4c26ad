import type { Counters } from './counters.ts'
import type { Delivery } from './delivery.ts'
import { KERNEL_STATS } from './kernel_stats.ts'

/** Where every exchange that was seen went. `seen` is the sum of the others, always. */
export interface Account {
  readonly seen: number
  readonly exported: number
  readonly waiting: number
  readonly lost: number
  readonly skipped: number
}

/** Reads the books. `counters` have taken over the kernel's. */
export function account(
  counters: Counters,
  delivery: Pick<Delivery, 'exported' | 'waiting'>,
): Account {
  const { exported, waiting } = delivery
  const lost = counters.total('lost')
  const skipped = counters.total('skipped')
  return { seen: exported + waiting + lost + skipped, exported, waiting, lost, skipped }
}

/** Records that a full ring refused, and that do not say how many exchanges they were of. */
const PIECES: ReadonlySet<string> = new Set([
  KERNEL_STATS.LOST_CHUNK.name,
  KERNEL_STATS.LOST_DATAGRAM.name,
])

const inWords = (counts: ReturnType<Counters['list']>): string =>
  counts.map(([name, count]) => `${name} ${count}`).join(', ')

/**
 * `seen 120 / exported 117 / lost 2 (ring_full 2) / skipped 1 (otlp_export 1)`. Lost pieces, of which nobody knows how many exchanges
 * they were, stand beside it. `showMisses`: also of calls of which one end was not seen, if there are none.
 */
export function accountLine(books: Account, counters: Counters, showMisses = false): string {
  const reasons = (kind: 'lost' | 'skipped') => {
    const list = counters.list(kind)
    return list.length === 0 ? '' : ` (${inWords(list)})`
  }
  const parts = [
    `seen ${books.seen}`,
    `exported ${books.exported}`,
    `lost ${books.lost}${reasons('lost')}`,
  ]
  if (books.skipped > 0) parts.push(`skipped ${books.skipped}${reasons('skipped')}`)
  if (books.waiting > 0) parts.push(`waiting ${books.waiting}`)
  const pieces = counters.list('note').filter(([name]) => PIECES.has(name))
  if (pieces.length > 0) parts.push(`pieces lost ${inWords(pieces)}`)
  const missed = counters.get('return_missed')
  if (showMisses || missed > 0) parts.push(`calls missed ${missed}`)
  return parts.join(' / ')
}
