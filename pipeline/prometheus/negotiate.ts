import type { Family } from './family.ts'
import { expositionProtobuf } from './protobuf.ts'
import { escaped, expositionText } from './text.ts'

export interface Exposition {
  readonly contentType: string
  body(families: readonly Family[]): string | Uint8Array
}

interface Range {
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
  readonly quality: number
}

/** The best form of those that a scraper asks for by `Accept`: protobuf, OpenMetrics if that is on, or the classic text. */
export function negotiate(accept: string, openMetrics: boolean): Exposition {
  const ranges = accept.split(',').map(rangeOf)
  for (const range of ranges.sort((a, b) => b.quality - a.quality)) {
    const found = expositionOf(range, openMetrics)
    if (found !== undefined && range.quality > 0) return found
  }
  return text(false, false)
}

function rangeOf(part: string): Range {
  const [type = '', ...rest] = part.split(';').map((one) => one.trim())
  const pairs = rest.map((one) => {
    const [name = '', value = ''] = one.split('=', 2)
    return [name.trim().toLowerCase(), value.trim().replaceAll('"', '')] as const
  })
  const parameters = new Map(pairs)
  const quality = Number(parameters.get('q') ?? 1)
  return { type: type.toLowerCase(), parameters, quality: Number.isFinite(quality) ? quality : 0 }
}

function expositionOf({ type, parameters }: Range, openMetrics: boolean): Exposition | undefined {
  const utf8 = parameters.get('escaping') === 'allow-utf-8'
  const version = parameters.get('version')
  switch (type) {
    case 'application/vnd.google.protobuf':
      return isFamilies(parameters) ? protobuf(utf8) : undefined
    case 'application/openmetrics-text':
      return openMetrics && OPEN_VERSIONS.has(version) ? text(true, utf8) : undefined
    case 'text/plain':
      return version === undefined || CLASSIC_VERSIONS.has(version)
        ? text(false, utf8 && version === '1.0.0')
        : undefined
    default:
      return undefined
  }
}

const OPEN_VERSIONS = new Set([undefined, '0.0.1', '1.0.0'])
const CLASSIC_VERSIONS = new Set(['0.0.4', '1.0.0'])
const FAMILY = 'io.prometheus.client.MetricFamily'

const isFamilies = (parameters: ReadonlyMap<string, string>): boolean =>
  parameters.get('proto') === FAMILY && parameters.get('encoding') === 'delimited'

const escaping = (utf8: boolean): string => `escaping=${utf8 ? 'allow-utf-8' : 'underscores'}`

function text(open: boolean, utf8: boolean): Exposition {
  const type = open
    ? 'application/openmetrics-text; version=1.0.0'
    : `text/plain; version=${utf8 ? '1.0.0' : '0.0.4'}`
  return {
    contentType: `${type}; charset=utf-8; ${escaping(utf8)}`,
    body: (families) => expositionText(families, { open, utf8 }),
  }
}

const protobuf = (utf8: boolean): Exposition => ({
  contentType: `application/vnd.google.protobuf; proto=${FAMILY}; encoding=delimited; ${escaping(utf8)}`,
  body: (families) => expositionProtobuf(families, utf8 ? (name) => name : escaped),
})
