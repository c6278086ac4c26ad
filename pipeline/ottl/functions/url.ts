import { isIPv6 } from 'node:net'
import { type Attributes, string } from '../../data/attributes.ts'
import { EvaluationError } from '../error.ts'
import { converter } from '../function.ts'
import { int, kvlist } from '../value.ts'

/** Parts as RFC 3986 divides them; nothing is made lower case but the scheme, and no default is put in. */
interface Parts {
  readonly scheme: string
  /** Of `mailto:a@b`, that has no path. */
  readonly opaque: string
  readonly user: string | undefined
  readonly host: string
  readonly port: string
  readonly path: string
  readonly query: string
  readonly fragment: string
}

const fault = (text: string, what: string) =>
  new EvaluationError(`URL: "${text}" is no URL: ${what}`)

/** Source: https://www.rfc-editor.org/rfc/rfc3986#appendix-B */
function divide(text: string): Parts {
  if (text === '') throw fault(text, 'it is empty')
  if (/\p{Cc}/u.test(text)) throw fault(text, 'it has control characters')
  const [, scheme = '', rest = ''] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(.*)$/s.exec(text) ?? []
  if (rest.startsWith(':') || (scheme === '' && /^[^/?#]*:/.test(rest))) {
    throw fault(text, 'the first part of its path has a colon')
  }
  const [, around = '', fragment = ''] = /^([^#]*)(?:#(.*))?$/s.exec(rest) ?? []
  const [, before = '', query = ''] = /^([^?]*)(?:\?(.*))?$/s.exec(around) ?? []
  const common = { scheme: scheme.toLowerCase(), query, fragment: unescaped(fragment, text) }
  if (scheme !== '' && !before.startsWith('/') && before !== '') {
    return { ...common, opaque: before, user: undefined, host: '', port: '', path: '' }
  }
  const [, authority, path = ''] = /^(?:\/\/([^/]*))?(.*)$/s.exec(before) ?? []
  const [, user, where = ''] = /^(?:(.*)@)?(.*)$/s.exec(authority ?? '') ?? []
  return { ...common, opaque: '', user, ...hostOf(where, text), path: unescaped(path, text) }
}

function hostOf(where: string, text: string): Pick<Parts, 'host' | 'port'> {
  const [, address, name = '', port = ''] =
    /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/s.exec(where) ?? []
  if (address === undefined && name === '' && where !== '' && !where.startsWith(':')) {
    throw fault(text, 'its host or port is none')
  }
  if (address !== undefined && !isIPv6(address.split('%')[0] ?? '')) {
    throw fault(text, 'its host is no address')
  }
  if (/[\s"<>^`{}|\\]/.test(name)) throw fault(text, 'its host has a character that none has')
  return { host: address ?? unescaped(name, text), port }
}

function unescaped(part: string, text: string): string {
  if (/%(?![\da-f]{2})/i.test(part)) throw fault(text, 'it has a % without two hex digits')
  return part.replaceAll(/(?:%[\da-f]{2})+/gi, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString(),
  )
}

/** What must not stand in a path or fragment. */
const escaped = (part: string): string =>
  part.replaceAll(/[^A-Za-z0-9\-_.~$&+,/:;=@!'()*%#?[\]]/gu, (char) => encodeURIComponent(char))

/** The text as it is put together from its parts again. */
function originalOf(text: string, { scheme, opaque }: Parts): string {
  const rest = scheme === '' ? text : text.slice(scheme.length + 1)
  return `${scheme === '' ? '' : `${scheme}:`}${opaque === '' ? escaped(rest) : rest}`
}

function attributesOf(text: string): Attributes {
  const parts = divide(text)
  const { user, port, path } = parts
  const dot = path.lastIndexOf('.')
  const extension = dot < 0 ? '' : path.slice(dot + 1)
  const [name = '', password] = user === undefined ? [] : user.split(/:(.*)/s, 2)
  const optional: readonly (readonly [key: string, value: string])[] = [
    ['url.query', parts.query],
    ['url.fragment', parts.fragment],
    ['url.extension', extension],
    ['url.user_info', user ?? ''],
    ['url.username', unescaped(name, text)],
  ]
  return [
    string('url.original', originalOf(text, parts)),
    string('url.domain', parts.host),
    string('url.scheme', parts.scheme),
    string('url.path', path),
    ...optional.flatMap(([key, value]) => (value === '' ? [] : [string(key, value)])),
    ...(password === undefined ? [] : [string('url.password', unescaped(password, text))]),
    ...(port === '' ? [] : [{ key: 'url.port', value: int(Number(port)) }]),
  ]
}

/** The parts that Go's `url.Parse` finds, which takes relative ones, too. */
export const url = converter('URL', ['url'], (args) => {
  const target = args.text('url')
  return (frame) => kvlist(attributesOf(target(frame)))
})
