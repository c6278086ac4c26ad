import { printable } from '../../exporters/console/line.ts'
import { NOTHING_SHOWN, type Shown, type ShownCost } from './costs.ts'
import { type Rate, WINDOW_SECONDS } from './rates.ts'
import { nameOf, type View } from './view.ts'

export interface Size {
  readonly columns: number
  readonly rows: number
}

const NUMBER_WIDTH = 9
const NUMBERS = ['REQ/S', 'ERR/S', 'P50 MS', 'P99 MS']
const NAME_MIN = 12
/** Of a service, where there is room. */
const COSTS = ['COVER %', 'LOST/S', 'CPU %', 'PROBES %']
const COSTS_FROM = 99 // columns
const SMALLEST: Size = { columns: NAME_MIN + NUMBERS.length * NUMBER_WIDTH, rows: 5 }
/** Around the rates: title, facts, head and keys. */
const FRAME_LINES = 4
const INVERSE = '\x1b[7m'
const NORMAL = '\x1b[m'

/** By service; of the other levels nothing is known. */
type CostsOf = ReadonlyMap<string, ShownCost>

/** The page as it follows others in a file or pipe. */
export function plainPage(rates: readonly Rate[], view: View, known = NOTHING_SHOWN): string {
  const costs = costsFor(view, known)
  const names = rates.map(({ group }) => printable(nameOf(group)))
  const width = Math.max(view.by.length, ...names.map((name) => name.length))
  const rows = rates.map((rate, i) => line(names[i] ?? '', rate, width, costs))
  const lines = [...booksLine(known), head(view, width, costs), ...rows, ...unreadLine(costs)]
  return `${lines.join('\n')}\n\n`
}

/** The page as it fills a terminal: never more lines, nor longer ones. `state` says who is listened to. */
export function screenPage(
  rates: readonly Rate[],
  view: View,
  state: string,
  { columns, rows }: Size,
  known = NOTHING_SHOWN,
): string[] {
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) {
    const needed = `${SMALLEST.columns}x${SMALLEST.rows}`
    return [`Too small: ${columns}x${rows}, needed are ${needed}`.slice(0, columns)]
  }
  const costs = columns < COSTS_FROM ? undefined : costsFor(view, known)
  const numbers = NUMBERS.length + (costs === undefined ? 0 : COSTS.length)
  const width = columns - numbers * NUMBER_WIDTH
  const unread = rows > SMALLEST.rows ? unreadLine(costs) : []
  const room = rows - FRAME_LINES - unread.length
  const first = Math.max((view.marked ?? 0) - room + 1, 0)
  const shown = rates.slice(first, first + room).map((rate, i) => {
    const text = line(cut(printable(nameOf(rate.group)), width), rate, width, costs)
    return first + i === view.marked ? `${INVERSE}${text}${NORMAL}` : text
  })
  const where = view.within.at(-1)
  const title = where === undefined ? 'weir top' : `weir top: ${printable(nameOf(where))}`
  const heading = [title, ...booksLine(known)].join('. ')
  const beyond = rates.length > shown.length ? `, ${first + 1}-${first + shown.length}` : ''
  const facts = `${total(rates)} req/s in ${WINDOW_SECONDS} s, ${rates.length} lines${beyond}, by ${view.sort}. ${state}`
  const keys = view.marked === undefined ? '' : KEYS
  return [
    cut(heading, columns),
    cut(facts, columns),
    head(view, width, costs),
    ...shown,
    ...unread.map((text) => cut(text, columns)),
    cut(keys, columns),
  ]
}

const KEYS = 'up/down mark  enter into  esc back  b by  s sort  q quit'

const total = (rates: readonly Rate[]) =>
  rates.reduce((sum, { perSecond }) => sum + perSecond, 0).toFixed(1)

/** Undefined where they are not shown. */
const costsFor = ({ by }: View, { services }: Shown): CostsOf | undefined =>
  by === 'service' && services.size > 0 ? services : undefined

/** What was lost stands first, whatever is looked at. */
const booksLine = ({ books }: Shown): readonly string[] =>
  books === '' ? [] : [`Exchanges: ${books}`]

const cells = (texts: readonly string[]) =>
  texts.map((text) => text.padStart(NUMBER_WIDTH)).join('')

const head = ({ by }: View, width: number, costs: CostsOf | undefined) =>
  by.toUpperCase().padEnd(width) + cells(costs === undefined ? NUMBERS : [...NUMBERS, ...COSTS])

function line(name: string, rate: Rate, width: number, costs: CostsOf | undefined): string {
  const numbers = [
    rate.perSecond.toFixed(1),
    rate.errorsPerSecond.toFixed(1),
    rate.p50.toFixed(2),
    rate.p99.toFixed(2),
  ]
  if (costs === undefined) return name.padEnd(width) + cells(numbers)
  const { coverage, lost, cpu, probes } = costs.get(rate.group.service) ?? UNKNOWN
  const more = [percent(coverage), lost?.toFixed(1) ?? '-', percent(cpu), percent(probes)]
  return name.padEnd(width) + cells([...numbers, ...more])
}

const UNKNOWN: Partial<ShownCost> = {}

/** What no line can show, for it makes no spans: one line of all services that have such traffic now, the most first. */
function unreadLine(costs: CostsOf | undefined): readonly string[] {
  const services = [...(costs ?? [])].filter(([, { unread }]) => unread > 0)
  if (services.length === 0) return []
  const texts = services
    .toSorted(([, a], [, b]) => b.unread - a.unread)
    .map(([service, { unread }]) => `${printable(service)} ${(unread / 1000).toFixed(1)} kB/s`)
  return [`TLS, not readable (weir explain says why): ${texts.join(', ')}`]
}

const percent = (part: number | undefined): string =>
  part === undefined ? '-' : (100 * part).toFixed(1)

const cut = (text: string, width: number) =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text
