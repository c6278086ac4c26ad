/** How names become those of Prometheus. */
export interface Naming {
  /** `_total` on counters. */
  readonly typeSuffix: boolean
  /** `_bytes`, `_seconds` and so on. */
  readonly unitSuffix: boolean
  /** Stands before every name. */
  readonly namespace?: string
  /** Whether names keep characters that Prometheus had not before its version 3. */
  readonly utf8?: boolean
}

const UNITS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tebibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '1': '',
  '%': 'percent',
}

const PER: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
}

type Type = 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped'

/**
 * `otelcol.process.memory_rss` in `By` is `otelcol_process_memory_rss_bytes`, `disk.io` in `By/s` is `disk_io_bytes_per_second`.
 * What is in braces, as {span}, is no unit.
 * Source: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1
 */
export function metricName(
  { name, unit }: { readonly name: string; readonly unit: string },
  type: Type,
  { typeSuffix, unitSuffix, namespace = '', utf8 = false }: Naming,
): string {
  if (utf8) return withPrefix(namespace, suffixed([name], unit, type, { typeSuffix, unitSuffix }))
  const first = plainName(namespace)
  if (!typeSuffix && !unitSuffix) return withPrefix(first, [plainName(name)])
  const words = name.split(/[^a-zA-Z0-9:]+/).filter((word) => word !== '')
  return withPrefix(first, suffixed(words, unit, type, { typeSuffix, unitSuffix }))
}

function withPrefix(namespace: string, words: readonly string[]): string {
  const all = namespace === '' ? words : [namespace, ...words]
  return all.join('_').replace(/^(?=\d)/, '_')
}

/** A word that the name has already is not added once more; `total` and `ratio` go to the end. */
function suffixed(words: readonly string[], unit: string, type: Type, naming: Naming): string[] {
  const last = type === 'counter' ? 'total' : type === 'gauge' && unit === '1' ? 'ratio' : ''
  const isLast = last === 'total' ? naming.typeSuffix : naming.unitSuffix && last !== ''
  const kept = isLast ? words.filter((word) => word !== last) : [...words]
  const units = naming.unitSuffix ? unitWords(unit) : []
  const added = units.filter((word) => !endsIn(kept, word))
  return isLast ? [...kept.map((word) => trim(word, last)), ...added, last] : [...kept, ...added]
}

/** A name that is one word, as one that keeps its dots, may end in it, too. */
const endsIn = (words: readonly string[], word: string): boolean =>
  words.includes(word) || (words.at(-1) ?? '').endsWith(`_${word}`)

const trim = (word: string, last: string): string =>
  word.endsWith(`_${last}`) ? word.slice(0, -last.length - 1) : word

/** `By/s` in Prometheus' words: `bytes_per_second`; '' is none. */
export const unitName = (unit: string): string => unitWords(unit).join('_')

function unitWords(unit: string): string[] {
  const [main = '', per = ''] = unit.split('/', 2).map((part) => part.trim())
  const first = /[{}]/.test(main) ? '' : clean(UNITS[main] ?? main)
  const second = /[{}]/.test(per) ? '' : clean(PER[per] ?? per)
  return [first, second && `per_${second}`].filter((word) => word !== '')
}

const clean = (unit: string): string =>
  unit.replaceAll(/[^a-zA-Z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '')

const plainName = (name: string): string => name.replaceAll(/[^a-zA-Z0-9_:]+/g, '_')

/** A label's name: letters, digits and underscores. */
export const labelName = (key: string): string =>
  key.replaceAll(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, 'key_')
