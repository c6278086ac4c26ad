import type { AnyValue, Attributes } from '../../pipeline/data/attributes.ts'
import type { SpanEvent, SpanLink } from '../../pipeline/data/traces.ts'
import { intValue } from './value.ts'

const MAX_LINKS = 128

interface Lists {
  readonly links: readonly SpanLink[]
  readonly droppedLinksCount: number
}

/** Events and links as the Collector writes them into Zipkin's texts: parts between `|`, attributes as JSON. */
export const listsOf = {
  /** Tags `otlp.link.0` and so on: trace id, span id, trace state, attributes, dropped attributes. */
  links(take: (key: string) => string, tags: ReadonlyMap<string, string>): Lists {
    const links: SpanLink[] = []
    let droppedLinksCount = 0
    for (let i = 0; i < MAX_LINKS && tags.has(`otlp.link.${i}`); i++) {
      const link = linkOf(take(`otlp.link.${i}`).split('|'))
      if (link === undefined) droppedLinksCount += 1
      else links.push(link)
    }
    return { links, droppedLinksCount }
  },

  /** An annotation's value: a name alone, or with attributes and how many were dropped. */
  event(value: string): Omit<SpanEvent, 'time'> {
    const parts = value.split('|')
    const dropped = countOf(parts.at(-1))
    const attributes = parts.length < 3 ? undefined : attributesOf(parts.slice(1, -1).join('|'))
    if (attributes === undefined || dropped === undefined) {
      return { name: value, attributes: [], droppedAttributesCount: 0 }
    }
    return { name: parts[0] ?? '', attributes, droppedAttributesCount: dropped }
  },
}

function linkOf(parts: readonly string[]): SpanLink | undefined {
  const [traceId = '', spanId = '', traceState = ''] = parts
  const attributes = attributesOf(parts.slice(3, -1).join('|'))
  const dropped = countOf(parts.at(-1))
  if (!/^[0-9a-f]{32}$/.test(traceId) || !/^[0-9a-f]{16}$/.test(spanId)) return undefined
  if (attributes === undefined || dropped === undefined) return undefined
  return { traceId, spanId, traceState, attributes, droppedAttributesCount: dropped, flags: 0 }
}

const countOf = (text = ''): number | undefined =>
  /^\d{1,9}$/.test(text) ? Number(text) : undefined

function attributesOf(json: string): Attributes | undefined {
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return Object.entries(value).map(([key, one]) => ({ key, value: anyValue(one) }))
  } catch {
    return undefined // a text of somebody's own that has a | in it
  }
}

function anyValue(value: unknown): AnyValue {
  if (typeof value === 'boolean') return { kind: 'bool', value }
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? intValue(value) : { kind: 'double', value }
  }
  return { kind: 'string', value: typeof value === 'string' ? value : JSON.stringify(value) }
}
