import { type Attributes, string } from '../../data/attributes.ts'
import { textOf } from '../arguments.ts'
import { EvaluationError } from '../error.ts'
import { converter } from '../function.ts'
import { withKey } from '../keys.ts'
import { fromPlain, int, integer, kvlist, text } from '../value.ts'
import { parseKeyValues } from './key_values.ts'
import { expressionOf } from './patterns.ts'

const parseJson = converter('ParseJSON', ['target'], (args) => {
  const target = args.text('target')
  return (frame) => {
    try {
      return fromPlain(JSON.parse(target(frame)))
    } catch (error) {
      throw new EvaluationError(`ParseJSON: ${error instanceof Error ? error.message : error}`)
    }
  }
})

const parseInteger = converter('ParseInt', ['target', 'base'], (args) => {
  const target = args.text('target')
  const base = args.int('base')
  return (frame) => {
    const [value, radix] = [target(frame), Number(base(frame))]
    const digits = value.replace(/^[+-]/, '').toLowerCase()
    const parsed = Number.parseInt(digits, radix)
    if (digits === '' || parsed.toString(radix) !== digits.replace(/^0+(?=.)/, '')) {
      throw new EvaluationError(`ParseInt: "${value}" is no number of base ${radix}`)
    }
    return int(value.startsWith('-') ? -parsed : parsed)
  }
})

const extractPatterns = converter('ExtractPatterns', ['target', 'pattern'], (args) => {
  const target = args.text('target')
  const expression = expressionOf(args, 'pattern')
  if (args.operand('pattern').constant !== undefined) {
    const { names } = expression({} as never)
    if (names.every((name) => name === '')) args.fault('pattern', 'has no named group')
  }
  return (frame) => {
    const found = expression(frame)
    const groups = found.groups(target(frame)) ?? []
    return kvlist(
      groups.reduce<Attributes>((map, value, i) => {
        const name = found.names[i] ?? ''
        return name === '' ? map : withKey(map, name, text(value))
      }, []),
    )
  }
})

const parseKeyValue = converter(
  'ParseKeyValue',
  ['target', 'delimiter?', 'pair_delimiter?'],
  (args) => {
    const target = args.text('target')
    const delimiter = args.has('delimiter') ? args.literalText('delimiter') : '='
    const pairs = args.has('pair_delimiter') ? args.literalText('pair_delimiter') : ' '
    if (delimiter === pairs) args.fault('delimiter', 'must differ from pair_delimiter')
    return (frame) => kvlist(parseKeyValues(target(frame), delimiter, pairs))
  },
)

const toKeyValue = converter(
  'ToKeyValueString',
  ['target', 'delimiter?', 'pair_delimiter?', 'sort_output?'],
  (args) => {
    const target = args.map('target')
    const delimiter = args.has('delimiter') ? args.literalText('delimiter') : '='
    const pairs = args.has('pair_delimiter') ? args.literalText('pair_delimiter') : ' '
    const sorted = args.has('sort_output') && args.literalBool('sort_output')
    const quoted = (value: string) => {
      const special = value.includes(delimiter) || value.includes(pairs) || value === ''
      return special || value.includes('"') ? JSON.stringify(value) : value
    }
    return (frame) => {
      const shown = target(frame).map(
        ({ key, value }) => quoted(key) + delimiter + quoted(textOf(value)),
      )
      return text((sorted ? shown.sort() : shown).join(pairs))
    }
  },
)

const MODES = ['strict', 'lazyQuotes', 'ignoreQuotes'] as const

const parseCsv = converter(
  'ParseCSV',
  ['target', 'headers', 'delimiter?', 'headerDelimiter?', 'mode?'],
  (args) => {
    const target = args.text('target')
    const headers = args.text('headers')
    const delimiter = args.has('delimiter') ? args.literalText('delimiter') : ','
    const between = args.has('headerDelimiter') ? args.literalText('headerDelimiter') : delimiter
    const mode = args.has('mode') ? args.oneOf('mode', MODES) : 'strict'
    if (delimiter.length !== 1) args.fault('delimiter', 'must be one character')
    return (frame) => {
      const names = headers(frame).split(between)
      const line = target(frame)
      const cells = mode === 'ignoreQuotes' ? line.split(delimiter) : cellsOf(line, delimiter)
      if (cells.length !== names.length) {
        throw new EvaluationError(`ParseCSV: ${cells.length} fields for ${names.length} headers`)
      }
      return kvlist(names.map((name, i) => string(name, cells[i] ?? '')))
    }
  },
)

/** The fields of one line; in quotes a delimiter is text, and two quotes are one. */
function cellsOf(line: string, delimiter: string): readonly string[] {
  const cells = ['']
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    const char = line[i] ?? ''
    if (char === '"' && quoted && line[i + 1] === '"') i += 1
    else if (char === '"') {
      quoted = !quoted
      continue
    } else if (char === delimiter && !quoted) {
      cells.push('')
      continue
    }
    cells.push((cells.pop() ?? '') + char)
  }
  if (quoted) throw new EvaluationError('ParseCSV: a quote is not closed')
  return cells
}

const url = converter('URL', ['url'], (args) => {
  const target = args.text('url')
  return (frame) => {
    const value = target(frame)
    if (!URL.canParse(value)) throw new EvaluationError(`URL: "${value}" is no URL`)
    return kvlist(partsOf(value, new URL(value)))
  }
})

function partsOf(value: string, parsed: URL): Attributes {
  const [, extension] = /\.([^./]+)$/.exec(parsed.pathname) ?? []
  const user = parsed.username + (parsed.password === '' ? '' : `:${parsed.password}`)
  const parts: readonly (readonly [key: string, value: string | undefined])[] = [
    ['url.original', value],
    ['url.domain', parsed.hostname],
    ['url.scheme', parsed.protocol.slice(0, -1)],
    ['url.path', parsed.pathname],
    ['url.query', parsed.search.slice(1)],
    ['url.fragment', parsed.hash.slice(1)],
    ['url.extension', extension],
    ['url.user_info', user],
    ['url.username', parsed.username],
    ['url.password', parsed.password],
  ]
  const texts = parts.flatMap(([key, part]) => (part ? [string(key, part)] : []))
  if (parsed.port === '') return texts
  return [...texts, { key: 'url.port', value: int(integer(BigInt(parsed.port))) }]
}

export const parsing = [
  parseJson,
  parseInteger,
  extractPatterns,
  parseKeyValue,
  toKeyValue,
  parseCsv,
  url,
]
