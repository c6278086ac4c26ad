import { type Attribute, type Attributes, int, string } from '../../pipeline/data/attributes.ts'
import { EvaluationError } from '../../pipeline/ottl/error.ts'
import { converter } from '../../pipeline/ottl/function.ts'
import { withKey } from '../../pipeline/ottl/keys.ts'
import { array, kvlist, text } from '../../pipeline/ottl/value.ts'

/** A quoted text; a backslash takes the next character along. */
const QUOTED = '"((?:[^"\\\\]|\\\\.)*)"'
const COMMON = `^(\\S+) (\\S+) (\\S+) \\[([^\\]]*)\\] ${QUOTED} (\\d{3}) (\\d+|-)`
const FORMATS = {
  clf: new RegExp(`${COMMON}\\s*$`),
  combined: new RegExp(`${COMMON} ${QUOTED} ${QUOTED}\\s*$`),
} as const
type Format = keyof typeof FORMATS

const REQUEST = /^(\S+) (\S+) (\S+)$/
const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** As Apache (`\"`, `\\`, `\n`, `\xhh`) and nginx (`\xhh`) write what is no plain text; bytes are UTF-8. */
function unescaped(value: string): string {
  if (!value.includes('\\')) return value
  const bytes = value.replace(/(?:\\x[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll(/\\x/gi, ''), 'hex').toString(),
  )
  return bytes.replace(/\\(["\\bfnrtv])/g, (_, escaped: string) => ESCAPES[escaped] ?? escaped)
}

function accessLog(line: string, format: Format): Attributes {
  const found = FORMATS[format].exec(line)
  if (found === null) throw new EvaluationError(`ParseCLF: the text is not in the format ${format}`)
  const [, host = '', ident = '', user = '', time = '', quoted = '', status, bytes] = found
  const request = unescaped(quoted)
  const [, method, uri, protocol] = REQUEST.exec(request) ?? []
  const optional = (name: string, value: string | undefined): readonly Attribute[] =>
    value === undefined ? [] : [string(`clf.${name}`, value)]
  return [
    string('clf.remote_host', host),
    string('clf.rfc931', ident),
    string('clf.auth_user', user),
    string('clf.timestamp', time),
    string('clf.request', request),
    ...optional('method', method),
    ...optional('request_uri', uri),
    ...optional('protocol', protocol),
    int('clf.status', Number(status)),
    ...(bytes === '-' ? [] : [int('clf.bytes', Number(bytes))]),
    ...optional('referer', found[8] && unescaped(found[8])),
    ...optional('user_agent', found[9] && unescaped(found[9])),
  ]
}

/** Source: https://www.w3.org/Daemon/User/Config/Logging.html#common-logfile-format */
const parseClf = converter('ParseCLF', ['target', 'format?'], (args) => {
  const target = args.text('target')
  const format = args.has('format') ? args.literalText('format') : 'clf'
  if (format !== 'clf' && format !== 'combined') {
    args.fault('format', `must be "clf" or "combined", not "${format}"`)
  }
  return (frame) => kvlist(accessLog(target(frame), format as Format))
})

/** Directives that say something of the whole block. */
const DIRECTIVES: Readonly<Record<string, string>> = {
  version: 'elf.version',
  software: 'elf.software',
  date: 'elf.date',
  'start-date': 'elf.start_date',
  'end-date': 'elf.end_date',
  remark: 'elf.remark',
}
/** A quoted text, a doubled quote in it is one; or anything without a space. */
const FIELD = /"((?:[^"]|"")*)"|\S+/g

const fieldsOf = (line: string): readonly string[] =>
  [...line.matchAll(FIELD)].map(([all, quoted]) => quoted?.replaceAll('""', '"') ?? all)

function extendedLog(block: string): Attributes {
  let known: Attributes = []
  let names: readonly string[] = []
  const entries: Attributes[] = []
  for (const line of block.split(/\r?\n/).filter((one) => one.trim() !== '')) {
    const [, directive = '', value = ''] = /^#([\w-]+):(.*)$/.exec(line) ?? []
    const key = DIRECTIVES[directive.toLowerCase()]
    if (key !== undefined) known = withKey(known, key, text(value.trim()))
    else if (directive.toLowerCase() === 'fields') names = fieldsOf(value)
    else if (!line.startsWith('#')) {
      const values = fieldsOf(line)
      entries.push(names.map((name, i) => string(name, values[i] ?? '-')))
    }
  }
  if (!known.some(({ key, value }) => key === 'elf.version' && Object(value).value !== '')) {
    throw new EvaluationError('ParseELF: expected a directive #Version')
  }
  const fields = array(names.map(text))
  return [
    ...known,
    { key: 'elf.fields', value: fields },
    { key: 'elf.entries', value: array(entries.map(kvlist)) },
  ]
}

/** Source: https://www.w3.org/TR/WD-logfile.html */
const parseElf = converter('ParseELF', ['target'], (args) => {
  const target = args.text('target')
  return (frame) => kvlist(extendedLog(target(frame)))
})

/** What web servers log. */
export const accessLogs = [parseClf, parseElf]
