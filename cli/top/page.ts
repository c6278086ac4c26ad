import { printable } from '../../exporters/console/line.ts'
import type { Rate } from './rates.ts'
import { nameOf, type View } from './view.ts'

export interface Size {
  readonly columns: number
  readonly rows: number
}

const NUMBER_WIDTH = 9
const NUMBERS = ['REQ/S', 'ERR/S', 'P50 MS', 'P99 MS']
const NAME_MIN = 12
const SMALLEST: Size = { columns: NAME_MIN + NUMBERS.length * NUMBER_WIDTH, rows: 5 }
const INVERSE = '\x1b[7m'
const NORMAL = '\x1b[m'

/** The page as it follows others in a file or pipe. */
export function plainPage(rates: readonly Rate[], view: View): string {
  const names = rates.map(({ group }) => printable(nameOf(group)))
  const width = Math.max(view.by.length, ...names.map((name) => name.length))
  const lines = [head(view, width), ...rates.map((rate, i) => line(names[i] ?? '', rate, width))]
  return `${lines.join('\n')}\n\n`
}

/** The page as it fills a terminal: never more lines, nor longer ones. `state` says who is listened to. */
export function screenPage(
  rates: readonly Rate[],
  view: View,
  state: string,
  { columns, rows }: Size,
): string[] {
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) {
    const needed = `${SMALLEST.columns}x${SMALLEST.rows}`
    return [`Too small: ${columns}x${rows}, needed are ${needed}`.slice(0, columns)]
  }
  const width = columns - NUMBERS.length * NUMBER_WIDTH
  const room = rows - 4
  const first = Math.max((view.marked ?? 0) - room + 1, 0)
  const shown = rates.slice(first, first + room).map((rate, i) => {
    const text = line(cut(printable(nameOf(rate.group)), width), rate, width)
    return first + i === view.marked ? `${INVERSE}${text}${NORMAL}` : text
  })
  const where = view.within.at(-1)
  const title = where === undefined ? 'weir top' : `weir top: ${printable(nameOf(where))}`
  const beyond = rates.length > shown.length ? `, ${first + 1}-${first + shown.length}` : ''
  const facts = `${total(rates)} req/s in 10 s, ${rates.length} lines${beyond}, by ${view.sort}. ${state}`
  const keys = view.marked === undefined ? '' : KEYS
  return [cut(title, columns), cut(facts, columns), head(view, width), ...shown, cut(keys, columns)]
}

const KEYS = 'up/down mark  enter into  esc back  b by  s sort  q quit'

const total = (rates: readonly Rate[]) =>
  rates.reduce((sum, { perSecond }) => sum + perSecond, 0).toFixed(1)

const head = ({ by }: View, width: number) =>
  by.toUpperCase().padEnd(width) + NUMBERS.map((name) => name.padStart(NUMBER_WIDTH)).join('')

const line = (name: string, rate: Rate, width: number) =>
  name.padEnd(width) +
  [
    rate.perSecond.toFixed(1),
    rate.errorsPerSecond.toFixed(1),
    rate.p50.toFixed(2),
    rate.p99.toFixed(2),
  ]
    .map((cell) => cell.padStart(NUMBER_WIDTH))
    .join('')

const cut = (text: string, width: number) =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text
