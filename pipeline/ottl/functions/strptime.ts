import type { UnixTime } from '../../data/time.ts'

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const short = (names: readonly string[]) => names.map((name) => name.slice(0, 3))

interface Parts {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  nanosecond: number
  afternoon?: boolean
  /** Seconds east of UTC. */
  offset?: number
  epoch?: number
}

type Take = (parts: Parts, text: string) => void

const number =
  (key: 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second'): Take =>
  (parts, text) => {
    parts[key] = Number(text)
  }

const named =
  (names: readonly string[]): Take =>
  (parts, text) => {
    parts.month = names.findIndex((name) => name.toLowerCase() === text.toLowerCase()) + 1
  }

const fraction: Take = (parts, text) => {
  parts.nanosecond = Number(text.padEnd(9, '0').slice(0, 9))
}

function zone(parts: Parts, text: string): void {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(text) ?? []
  const seconds = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60
  parts.offset = sign === '-' ? -seconds : seconds
}

const oneOf = (names: readonly string[]) => names.join('|')
const ignore: Take = () => undefined

/** What a directive matches, and what it means. Source: strptime(3), with %f, %L, %s as ctime layouts of the Collector have them. */
const DIRECTIVES: Readonly<Record<string, readonly [rule: string, take: Take]>> = {
  Y: ['\\d{4}', number('year')],
  y: [
    '\\d{2}',
    (parts, text) => {
      parts.year = Number(text) + (Number(text) < 69 ? 2000 : 1900)
    },
  ],
  m: ['\\d{2}', number('month')],
  o: [' ?\\d{1,2}', number('month')],
  q: ['\\d{1,2}', number('month')],
  b: [oneOf(short(MONTHS)), named(short(MONTHS))],
  h: [oneOf(short(MONTHS)), named(short(MONTHS))],
  B: [oneOf(MONTHS), named(MONTHS)],
  d: ['\\d{2}', number('day')],
  e: [' ?\\d{1,2}', number('day')],
  g: ['\\d{1,2}', number('day')],
  a: [oneOf(short(DAYS)), ignore],
  A: [oneOf(DAYS), ignore],
  H: ['\\d{2}', number('hour')],
  k: [' ?\\d{1,2}', number('hour')],
  I: ['\\d{2}', number('hour')],
  l: ['\\d{1,2}', number('hour')],
  p: [
    'AM|PM|am|pm',
    (parts, text) => {
      parts.afternoon = text.toLowerCase() === 'pm'
    },
  ],
  P: [
    'AM|PM|am|pm',
    (parts, text) => {
      parts.afternoon = text.toLowerCase() === 'pm'
    },
  ],
  M: ['\\d{2}', number('minute')],
  S: ['\\d{2}', number('second')],
  L: ['\\d{3}', fraction],
  f: ['\\d{1,9}', fraction],
  s: ['\\d{1,9}', fraction],
  z: ['Z|[+-]\\d{2}:?\\d{2}', zone],
  Z: ['[A-Z]{3,4}', zone],
  w: ['Z|[+-]\\d{2}:?\\d{2}', zone],
  i: ['Z|[+-]\\d{2}', (parts, text) => zone(parts, text === 'Z' ? text : `${text}00`)],
  j: ['Z|[+-]\\d{2}:\\d{2}', zone],
  c: ['\\d+', ignore],
}

const COMPOUND: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  D: '%m/%d/%Y',
  c: '%a %b %d %H:%M:%S %Y',
  x: '%m/%d/%Y',
  X: '%H:%M:%S',
  R: '%H:%M',
  r: '%I:%M:%S %P',
  v: '%e-%b-%Y',
}

/** Directives that stand for several, written out. */
const expanded = (layout: string): string =>
  layout.replaceAll(/%(.)/g, (all, name: string) => COMPOUND[name] ?? all)

/** What is wrong with a layout that times are read or written by. */
export function layoutFault(layout: string, use: 'read' | 'write'): string | undefined {
  if (layout === '') return 'must not be empty'
  const isKnown = (name: string): boolean =>
    name === '%' || name in COMPOUND || name in (use === 'read' ? DIRECTIVES : WRITERS)
  for (const [directive, name = ''] of layout.matchAll(/%(.)/g)) {
    if (!isKnown(name)) return `unknown directive "${directive}"`
  }
  return undefined
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

interface Layout {
  readonly rule: RegExp
  readonly takes: readonly Take[]
}

const layouts = new Map<string, Layout>()

/** The rule of a layout is of bounded alternatives without nesting: it takes linear time. */
function layoutOf(layout: string): Layout {
  const known = layouts.get(layout)
  if (known !== undefined) return known
  const takes: Take[] = []
  const rule = expanded(layout).replaceAll(/%(.)|[^%]+/g, (all, name?: string) => {
    if (name === undefined) return escaped(all)
    const directive = DIRECTIVES[name]
    if (directive === undefined) return name === '%' ? '%' : escaped(all)
    takes.push(directive[1])
    return `(${directive[0]})`
  })
  const compiled = { rule: new RegExp(`^${rule}$`, 'i'), takes }
  layouts.set(layout, compiled)
  return compiled
}

/** A time by a layout like `%Y-%m-%dT%H:%M:%S.%L%z`; without a zone it is of `location`. */
export function parseTime(value: string, layout: string, location: string): UnixTime | undefined {
  const { rule, takes } = layoutOf(layout)
  const match = rule.exec(value)
  if (match === null) return undefined
  const parts: Parts = {
    year: 1970,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
  }
  for (const [i, take] of takes.entries()) take(parts, (match[i + 1] ?? '').trim())
  if (parts.afternoon !== undefined) parts.hour = (parts.hour % 12) + (parts.afternoon ? 12 : 0)
  if (!isDate(parts)) return undefined
  const { year, month, day, hour, minute, second } = parts
  const utc = Date.UTC(year, month - 1, day, hour, minute, second) / 1000
  return [utc - (parts.offset ?? zoneOffset(utc, location)), parts.nanosecond]
}

function isDate({ year, month, day, hour, minute, second }: Parts): boolean {
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate()
  const inYear = month >= 1 && month <= 12 && day >= 1 && day <= days
  return inYear && hour < 24 && minute < 60 && second < 61
}

/** Seconds that clocks of a zone are ahead, when they show what UTC shows at `utc`. */
function zoneOffset(utc: number, location: string): number {
  if (location === 'UTC') return 0
  const shown = new Intl.DateTimeFormat('en-US', {
    timeZone: location,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const [month, day, year, hour, minute, second] = shown
    .formatToParts(utc * 1000)
    .filter(({ type }) => type !== 'literal')
    .map(({ value }) => Number(value)) as [number, number, number, number, number, number]
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - utc
}

const two = (value: number): string => String(value).padStart(2, '0')

const twelve = (date: Date): number => date.getUTCHours() % 12 || 12
const nine = (nanoseconds: number): string => String(nanoseconds).padStart(9, '0')
const monthOf = (date: Date): string => MONTHS[date.getUTCMonth()] ?? ''
const dayOf = (date: Date): string => DAYS[date.getUTCDay()] ?? ''

/** What a directive writes, of a time in UTC. */
const WRITERS: Readonly<Record<string, (date: Date, nanoseconds: number) => string>> = {
  Y: (date) => String(date.getUTCFullYear()),
  y: (date) => two(date.getUTCFullYear() % 100),
  m: (date) => two(date.getUTCMonth() + 1),
  b: (date) => monthOf(date).slice(0, 3),
  h: (date) => monthOf(date).slice(0, 3),
  B: monthOf,
  d: (date) => two(date.getUTCDate()),
  e: (date) => String(date.getUTCDate()).padStart(2),
  a: (date) => dayOf(date).slice(0, 3),
  A: dayOf,
  H: (date) => two(date.getUTCHours()),
  I: (date) => two(twelve(date)),
  l: (date) => String(twelve(date)),
  p: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  P: (date) => (date.getUTCHours() < 12 ? 'am' : 'pm'),
  M: (date) => two(date.getUTCMinutes()),
  S: (date) => two(date.getUTCSeconds()),
  L: (_, nanoseconds) => nine(nanoseconds).slice(0, 3),
  f: (_, nanoseconds) => nine(nanoseconds).slice(0, 6),
  s: (_, nanoseconds) => nine(nanoseconds),
  z: () => 'Z',
  Z: () => 'UTC',
  i: () => '+00',
  j: () => '+00:00',
  '%': () => '%',
}

/** A time in UTC by a layout. */
export function formatTime([seconds, nanoseconds]: UnixTime, layout: string): string {
  const date = new Date(seconds * 1000)
  return expanded(layout).replaceAll(
    /%(.)/g,
    (all, name: string) => WRITERS[name]?.(date, nanoseconds) ?? all,
  )
}
