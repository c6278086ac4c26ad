import type { Fields } from './head.ts'
import { REQUEST_PARSER, RESPONSE_PARSER } from './head_parsers.ts'
import type { HeadParser } from './head_reader.ts'
import { type ShownHeaders, ShownValues } from './shown_headers.ts'

export type HeadParsers = ReturnType<typeof parsersOf>

/** Parsers of heads that keep these headers, too. */
export const parsersOf = (shown: ShownHeaders) => ({
  request: keeping(REQUEST_PARSER, shown, 'request'),
  response: keeping(RESPONSE_PARSER, shown, 'response'),
})

function keeping<Head extends Fields>(
  parser: HeadParser<Head>,
  shown: ShownHeaders,
  side: keyof ShownHeaders,
): HeadParser<Head> {
  if (shown[side].length === 0) return parser
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
        const values = new ShownValues(shown, side)
        for (const line of lines) addLine(values, line)
        result.frame.shown = values.attributes()
      }
      return result
    },
  }
}

function addLine(values: ShownValues, line: string): void {
  const colon = line.indexOf(':')
  if (colon > 0) values.add(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
}
