import { type Attributes, string } from '../../pipeline/data/attributes.ts'
import { EvaluationError } from '../../pipeline/ottl/error.ts'
import { converter } from '../../pipeline/ottl/function.ts'
import { kvlist } from '../../pipeline/ottl/value.ts'

const CEF_FIELDS = [
  'version',
  'device_vendor',
  'device_product',
  'device_version',
  'device_event_class_id',
  'name',
  'severity',
]
const LEEF_FIELDS = ['version', 'vendor', 'product.name', 'product.version', 'event.id']

/** What stands behind the first `mark`: a syslog header may come before it. */
function after(mark: string, line: string): string {
  const at = line.indexOf(mark)
  if (at < 0) throw new EvaluationError(`Parse${mark.slice(0, -1)}: no "${mark}" in the text`)
  return line.slice(at + mark.length)
}

/** The first `count` fields that end at a `|`, and what is left; a backslash takes the next character along. */
function headerOf(line: string, count: number): { fields: string[]; rest: string } {
  const fields: string[] = []
  let start = 0
  for (let at = 0; at < line.length && fields.length < count; at++) {
    if (line[at] === '\\') at++
    else if (line[at] === '|') {
      fields.push(line.slice(start, at))
      start = at + 1
    }
  }
  if (fields.length === count) return { fields, rest: line.slice(start) }
  return { fields: [...fields, line.slice(start)], rest: '' }
}

type Pair = readonly [key: string, value: string]

/** The last value of a key counts. */
const attributesOf = (pairs: readonly Pair[]): Attributes =>
  [...new Map(pairs)].map(([key, value]) => string(key, value))

/** A key begins the extensions, or follows a space; dots and brackets are of names such as `ad.list[0]`. */
const CEF_KEY = /(?<=^|\s)[\w.[\]-]+(?==)/g
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', '=': '=', '\\': '\\' }

const cefValue = (value: string): string =>
  value.trimEnd().replace(/\\(.)/g, (all, escaped: string) => ESCAPES[escaped] ?? all)

function cefExtensions(rest: string): Attributes {
  const keys = [...rest.matchAll(CEF_KEY)]
  const pairs = keys.map((found, i): Pair => {
    const [key] = found
    return [key, cefValue(rest.slice(found.index + key.length + 1, keys[i + 1]?.index))]
  })
  return attributesOf(pairs)
}

/** Source: ArcSight, "CEF Implementation Standard", version 1.2 */
const parseCef = converter('ParseCEF', ['target'], (args) => {
  const target = args.text('target')
  return (frame) => {
    const { fields, rest } = headerOf(after('CEF:', target(frame)), CEF_FIELDS.length)
    if (fields.length < CEF_FIELDS.length || !/^\d+$/.test(fields[0]?.trim() ?? '')) {
      throw new EvaluationError('ParseCEF: expected a version and six header fields')
    }
    const header = CEF_FIELDS.map((name, i) =>
      string(`cef.${name}`, (fields[i] ?? '').replace(/\\([|\\])/g, '$1')),
    )
    return kvlist([...header, { key: 'cef.extensions', value: kvlist(cefExtensions(rest)) }])
  }
})

const TAB = '\t'

/** The delimiter of LEEF 2.0: a character, or its code as `0x5e`; undefined if it is neither. */
function delimiterOf(field: string): string | undefined {
  if (field === '') return TAB
  const code = /^0x([0-9a-f]{1,2})$/i.exec(field)?.[1]
  if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
  return [...field].length === 1 ? field : undefined
}

function leefBody(version: string, rest: string): readonly [delimiter: string, body: string] {
  const end = rest.indexOf('|')
  const field = end < 0 ? rest : rest.slice(0, end)
  if (version !== '2.0' || field.includes('=')) return [TAB, rest]
  const delimiter = delimiterOf(field)
  if (delimiter === undefined) throw new EvaluationError(`ParseLEEF: "${field}" is no delimiter`)
  return [delimiter, end < 0 ? '' : rest.slice(end + 1)]
}

/** Source: IBM, "Log Event Extended Format (LEEF)", versions 1.0 and 2.0 */
const parseLeef = converter('ParseLEEF', ['target'], (args) => {
  const target = args.text('target')
  return (frame) => {
    const { fields, rest } = leefHeader(after('LEEF:', target(frame)))
    const [version = ''] = fields
    if (fields.length < LEEF_FIELDS.length || (version !== '1.0' && version !== '2.0')) {
      throw new EvaluationError('ParseLEEF: expected version 1.0 or 2.0 and four header fields')
    }
    const [delimiter, body] = leefBody(version, rest)
    const pairs = body.split(delimiter).flatMap((pair): readonly Pair[] => {
      const at = pair.indexOf('=')
      return at <= 0 ? [] : [[pair.slice(0, at), pair.slice(at + 1)]]
    })
    const header = LEEF_FIELDS.map((name, i) => string(`leef.${name}`, fields[i] ?? ''))
    return kvlist([...header, { key: 'leef.attributes', value: kvlist(attributesOf(pairs)) }])
  }
})

/** Without escapes, which LEEF does not know. */
function leefHeader(line: string): { fields: string[]; rest: string } {
  const parts = line.split('|')
  const count = LEEF_FIELDS.length
  return { fields: parts.slice(0, count), rest: parts.slice(count).join('|') }
}

/** What security devices log. */
export const securityEvents = [parseCef, parseLeef]
