import { type Attributes, string } from '../../data/attributes.ts'
import { valueText } from '../../data/value_text.ts'
import { messageOf } from '../../message_of.ts'
import { EvaluationError } from '../error.ts'
import { converter } from '../function.ts'
import { withKey } from '../keys.ts'
import { fromPlain, int, kvlist, text } from '../value.ts'
import { readRow } from './csv.ts'
import { parseGoInt } from './go_int.ts'
import { parseKeyValues } from './key_values.ts'
import { expressionOf } from './patterns.ts'
import { url } from './url.ts'

const parseJson = converter('ParseJSON', ['target'], (args) => {
  const target = args.text('target')
  return (frame) => {
    let parsed: unknown
    try {
      parsed = JSON.parse(target(frame))
    } catch (error) {
      throw new EvaluationError(`ParseJSON: ${messageOf(error)}`)
    }
    if (typeof parsed === 'object' && parsed !== null) return fromPlain(parsed)
    throw new EvaluationError('ParseJSON: target is neither an object nor a list')
  }
})

const parseInteger = converter('ParseInt', ['target', 'base'], (args) => {
  const target = args.text('target')
  const base = args.int('base')
  return (frame) => {
    const [value, radix] = [target(frame), Number(base(frame))]
    const parsed = parseGoInt(value, radix)
    if (parsed !== undefined) return int(parsed)
    throw new EvaluationError(`ParseInt: "${value}" is no number of base ${radix}`)
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
    return (frame) => {
      const line = target(frame)
      if (line === '') throw new EvaluationError('ParseKeyValue: target is empty')
      return kvlist(parseKeyValues(line, delimiter, pairs))
    }
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
      const escaped = value.replaceAll('"', '\\"')
      const special = value.includes(delimiter) || value.includes(pairs)
      return special ? `"${escaped}"` : escaped
    }
    return (frame) => {
      const shown = target(frame).map(
        ({ key, value }) => quoted(key) + delimiter + quoted(valueText(value)),
      )
      return text((sorted ? shown.sort() : shown).join(pairs))
    }
  },
)

const MODES = ['strict', 'lazyQuotes', 'ignoreQuotes'] as const

const parseCsv = converter(
  'ParseCSV',
  ['target', 'header', 'delimiter?', 'header_delimiter?', 'mode?'],
  (args) => {
    const target = args.text('target')
    const headers = args.text('header')
    const delimiter = args.has('delimiter') ? args.literalText('delimiter') : ','
    const between = args.has('header_delimiter') ? args.literalText('header_delimiter') : delimiter
    const mode = args.has('mode') ? args.oneOf('mode', MODES) : 'strict'
    for (const [name, value] of [
      ['delimiter', delimiter],
      ['header_delimiter', between],
    ] as const) {
      if ([...value].length !== 1) args.fault(name, 'must be one character')
    }
    return (frame) => {
      const names = headers(frame).split(between)
      if (names.join('') === '') throw new EvaluationError('ParseCSV: header is empty')
      const line = target(frame)
      const cells =
        mode === 'ignoreQuotes'
          ? line.split(delimiter)
          : readRow(line, delimiter, mode === 'lazyQuotes')
      if (cells.length !== names.length) {
        throw new EvaluationError(`ParseCSV: ${cells.length} fields for ${names.length} headers`)
      }
      const fields = new Map(names.map((name, i) => [name, cells[i] ?? '']))
      return kvlist(Array.from(fields, ([name, cell]) => string(name, cell)))
    }
  },
)

export const parsing = [
  parseJson,
  parseInteger,
  extractPatterns,
  parseKeyValue,
  toKeyValue,
  parseCsv,
  url,
]
