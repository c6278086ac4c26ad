import type { Family, Sample, TextExemplar } from './family.ts'
import { join, type LabelSet, sorted } from './labels.ts'

/** `open` is OpenMetrics 1.0, which has exemplars; `utf8` keeps names that need quotes, else they are escaped. */
export interface TextFormat {
  readonly open: boolean
  readonly utf8: boolean
}

export const CLASSIC: TextFormat = { open: false, utf8: false }

/**
 * The text that Prometheus scrapes, in the order in which the families are given.
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format and
 * https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function expositionText(families: Iterable<Family>, format: TextFormat): string {
  const parts: string[] = []
  for (const family of families) addFamily(parts, family, format)
  if (format.open) parts.push('# EOF\n')
  return parts.join('')
}

function addFamily(parts: string[], family: Family, format: TextFormat): void {
  const { open } = format
  const base = open && family.type === 'counter' ? family.name.replace(/_total$/, '') : family.name
  const name = nameText(base, format)
  const type = open && family.type === 'untyped' ? 'unknown' : family.type
  const help = escapeHelp(family.help)
  parts.push(`# HELP ${name} ${open ? help.replaceAll('"', '\\"') : help}\n`)
  parts.push(`# TYPE ${name} ${type}\n`)
  const series = open && type === 'counter' ? `${base}_total` : family.name
  for (const sample of family.samples) addSample(parts, series, sample, format)
}

function addSample(parts: string[], name: string, sample: Sample, format: TextFormat): void {
  const { labels, value } = sample
  const float = format.open ? openNumber : number
  const time = timeText(sample.timeMs, format)
  const line = (suffix: string, set: LabelSet, text: string, exemplar?: TextExemplar) =>
    parts.push(
      `${seriesText(name + suffix, set, format)} ${text}${time}${exemplarText(exemplar, format)}\n`,
    )
  switch (value.kind) {
    case 'number':
      line('', labels, float(value.value), value.exemplar)
      return
    case 'histogram':
      for (const { bound, count, exemplar } of value.buckets) {
        line('_bucket', join(new Map([['le', float(bound)]]), labels), String(count), exemplar)
      }
      break
    case 'summary':
      for (const [quantile, at] of value.quantiles) {
        line('', join(new Map([['quantile', float(quantile)]]), labels), float(at))
      }
  }
  line('_sum', labels, float(value.sum))
  line('_count', labels, String(value.count))
}

const timeText = (ms: number | undefined, { open }: TextFormat): string =>
  ms === undefined ? '' : ` ${open ? ms / 1000 : ms}`

function exemplarText(exemplar: TextExemplar | undefined, format: TextFormat): string {
  if (exemplar === undefined || !format.open) return ''
  const { labels, value, time } = exemplar
  const at = time[0] === 0 ? '' : ` ${time[0]}.${String(time[1]).padStart(9, '0')}`
  return ` # {${pairs(labels, format)}} ${openNumber(value)}${at}`
}

function seriesText(name: string, labels: LabelSet, format: TextFormat): string {
  const inner = pairs(labels, format)
  if (!format.utf8 || LEGACY_NAME.test(name)) {
    return inner === '' ? escaped(name) : `${escaped(name)}{${inner}}`
  }
  return `{${quoted(name)}${inner === '' ? '' : `,${inner}`}}`
}

const pairs = (labels: LabelSet, format: TextFormat): string =>
  sorted(labels)
    .map(([name, value]) => `${labelText(name, format)}=${quoted(value)}`)
    .join(',')

const LEGACY_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LEGACY_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/

const labelText = (name: string, { utf8 }: TextFormat): string => {
  if (LEGACY_LABEL.test(name)) return name
  return utf8 ? quoted(name) : escaped(name).replaceAll(':', '_')
}

const nameText = (name: string, { utf8 }: TextFormat): string =>
  LEGACY_NAME.test(name) ? name : utf8 ? quoted(name) : escaped(name)

/** What a scraper gets that knows only the old names. */
export const escaped = (name: string): string =>
  LEGACY_NAME.test(name) ? name : name.replaceAll(/[^a-zA-Z0-9_:]/g, '_').replace(/^(?=\d)/, '_')

/** As the classic text has it, and `le` and `quantile`. */
export function number(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}

/** With a point or an exponent, which say that it is no integer. */
function openNumber(value: number): string {
  const text = number(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}

const escapeHelp = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
const quoted = (text: string) => `"${escapeHelp(text).replaceAll('"', '\\"')}"`
