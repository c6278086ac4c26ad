import { type Attribute, strings } from '../../../../pipeline/data/attributes.ts'
import type { Fields } from './head.ts'
import { REQUEST_PARSER, RESPONSE_PARSER } from './head_parsers.ts'
import type { HeadParser } from './head_reader.ts'

/** Whoever asks for these by name wants to know whether they are there: what they say opens doors. */
const SECRETS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
])
const REDACTED = 'REDACTED'
/** Values of one header that are kept; a value is at most as long as what is captured of a head. */
const VALUES_MAX = 16

/** Headers that spans show, by their names in lower case. */
export interface ShownHeaders {
  readonly request: readonly string[]
  readonly response: readonly string[]
}

export type HeadParsers = ReturnType<typeof parsersOf>

/** Parsers of heads that keep these headers, too. */
export const parsersOf = ({ request, response }: ShownHeaders) => ({
  request: keeping(REQUEST_PARSER, 'http.request.header.', request),
  response: keeping(RESPONSE_PARSER, 'http.response.header.', response),
})

/** Undefined if spans show none: then exchanges can be read in place. */
export const parsersFor = (shown: ShownHeaders): HeadParsers | undefined =>
  shown.request.length + shown.response.length === 0 ? undefined : parsersOf(shown)

function keeping<Head extends Fields>(
  parser: HeadParser<Head>,
  prefix: string,
  names: readonly string[],
): HeadParser<Head> {
  if (names.length === 0) return parser
  return {
    ...parser,
    parse: (buf, start, truncated) => {
      const result = parser.parse(buf, start, truncated)
      if (result.kind === 'frame') {
        const lines = buf
          .toString('latin1', start, start + result.bytes)
          .split('\n')
          .slice(1)
        // Of a head that was cut, so may be its last line.
        if (!parser.isComplete(result.frame)) lines.pop()
        result.frame.shown = shownIn(lines, prefix, names)
      }
      return result
    },
  }
}

/** Source: https://opentelemetry.io/docs/specs/semconv/registry/attributes/http/, http.request.header */
function shownIn(lines: readonly string[], prefix: string, names: readonly string[]): Attribute[] {
  const found = new Map<string, string[]>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase()
    if (!names.includes(name)) continue
    const values = found.get(name) ?? []
    if (values.length < VALUES_MAX) {
      values.push(SECRETS.has(name) ? REDACTED : line.slice(colon + 1).trim())
    }
    found.set(name, values)
  }
  return [...found].map(([name, values]) => strings(prefix + name, values))
}
