import { NOTHING_SHOWN, type ShownCost } from './costs.ts'
import type { Group, Rate } from './rates.ts'

/** What the lines of a page are. */
export const LEVELS = ['service', 'route', 'peer'] as const
export type Level = (typeof LEVELS)[number]

export const SORTS = [
  'rate',
  'errors',
  'p50',
  'p99',
  'coverage',
  'lost',
  'cpu',
  'probes',
  'name',
] as const
export type Sort = (typeof SORTS)[number]

/** What is looked at. */
export interface View {
  readonly by: Level
  readonly sort: Sort
  /** Into which groups the user went, the outermost first. */
  readonly within: readonly Group[]
  /** The line that is marked; undefined where there are no keys. */
  readonly marked: number | undefined
}

/** The lines of a view, the largest first, and the least covered; names in their order. */
export function rowsOf(
  rates: readonly Rate[],
  { sort }: View,
  { services } = NOTHING_SHOWN,
): readonly Rate[] {
  const [value, sign] = ORDERS[sort]
  const weight = (rate: Rate) => sign * value(rate, services.get(rate.group.service) ?? {})
  return rates.toSorted(
    (a, b) => weight(b) - weight(a) || compare(nameOf(a.group), nameOf(b.group)),
  )
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

type ValueOf = (rate: Rate, cost: Partial<ShownCost>) => number

/** By what lines are ordered; -1: the least first. What nobody has measured goes last. */
const ORDERS: Readonly<Record<Sort, readonly [ValueOf, sign: 1 | -1]>> = {
  rate: [(rate) => rate.perSecond, 1],
  errors: [(rate) => rate.errorsPerSecond, 1],
  p50: [(rate) => rate.p50, 1],
  p99: [(rate) => rate.p99, 1],
  coverage: [(_, cost) => cost.coverage ?? 1, -1],
  lost: [(_, cost) => cost.lost ?? 0, 1],
  cpu: [(_, cost) => cost.cpu ?? 0, 1],
  probes: [(_, cost) => cost.probes ?? 0, 1],
  name: [() => 0, 1],
}

/** `cart server GET /items 10.0.0.7`, as far as the group says. */
export const nameOf = ({ service, kind, route, peer }: Group): string =>
  [service || '-', kind, route, peer].filter((one) => one !== '').join(' ')

/** As what a group counts on a page: without what the page does not tell apart. Undefined when it is not shown. */
export function groupIn(group: Group, { by, within }: View): Group | undefined {
  if (!within.every((outer) => covers(outer, group))) return undefined
  const { service, kind, route, peer } = group
  const keepsRoute = by === 'route' || within.some((outer) => outer.route !== '')
  return { service, kind, route: keepsRoute ? route : '', peer: by === 'peer' ? peer : '' }
}

const covers = (outer: Group, group: Group) =>
  outer.service === group.service &&
  outer.kind === group.kind &&
  (outer.route === '' || outer.route === group.route) &&
  (outer.peer === '' || outer.peer === group.peer)

/** What a key does to a view; undefined: it ends the program. `rows` are those on the page. Keys are called as by node:readline. */
export function afterKey(view: View, key: string, rows: readonly Rate[]): View | undefined {
  if (ENDS.includes(key)) return undefined
  const last = Math.max(rows.length - 1, 0)
  const marked = Math.min(view.marked ?? 0, last)
  if (UP.includes(key)) return { ...view, marked: Math.max(marked - 1, 0) }
  if (DOWN.includes(key)) return { ...view, marked: Math.min(marked + 1, last) }
  if (key === 's') return { ...view, sort: next(SORTS, view.sort), marked: 0 }
  if (key === 'b') return { ...view, by: next(LEVELS, view.by), marked: 0 }
  if (INTO.includes(key)) return into(view, rows[marked])
  if (OUT.includes(key)) return out(view)
  return view
}

const ENDS = ['q', 'ctrl+c']
const UP = ['up', 'k']
const DOWN = ['down', 'j']
const INTO = ['return', 'enter', 'right']
const OUT = ['escape', 'backspace', 'left']

const next = <T>(all: readonly T[], one: T): T => all[(all.indexOf(one) + 1) % all.length] ?? one

/** From services to routes, from routes to peers, and no further. */
function into(view: View, row: Rate | undefined): View {
  if (row === undefined || view.by === 'peer') return view
  return { ...view, by: next(LEVELS, view.by), within: [...view.within, row.group], marked: 0 }
}

function out(view: View): View {
  const left = view.within.at(-1)
  if (left === undefined) return view
  const by = left.route === '' ? 'service' : 'route'
  return { ...view, by, within: view.within.slice(0, -1), marked: 0 }
}
