import { invalid, type ParseResult } from '../../protocol.ts'
import { type Form, TEXT_COMMANDS, type TextCommand } from './commands.ts'
import { type Command, frame, type Keys, type Reply } from './frames.ts'
import { LINE_BYTES, type Line, readLine, withData, wordsOf } from './line.ts'

const NAME = /^[a-z][a-z_]{0,30}$/
const KEYS = /^(?:get|gat)s? /
const LENGTH = /^\d{1,10}$/
const NUMBER = /^\d{1,20}$/
const WORD = /^[A-Z][A-Z_]{0,30}$/
const ERRORS = new Set(['ERROR', 'CLIENT_ERROR', 'SERVER_ERROR'])
const MAX_KEY_BYTES = 250
const UNKNOWN: TextCommand = { form: 'other', words: 1 }

/** A line of words; of those that store, with the data behind it. Source: as TEXT_COMMANDS */
export function parseCommand(bytes: Buffer): ParseResult<Command> {
  if (bytes.length > LINE_BYTES && bytes.indexOf('\n') < 0) return parseManyKeys(bytes)
  const line = readLine(bytes)
  if (line.kind !== 'line') return line
  const [name = ''] = line.words
  if (!NAME.test(name)) return invalid('a line begins with no command')
  const known = TEXT_COMMANDS.get(name)
  const command = commandOf(known === undefined ? '' : name, known ?? UNKNOWN, line.words)
  const at = lengthAt(command)
  if (at === undefined) return frame(line.bytes, command)
  const { [at]: length = '', 1: key = '' } = line.words
  if (!LENGTH.test(length) || key.length > MAX_KEY_BYTES) return invalid('a command stores nothing')
  return withData(line, Number(length), bytes, command)
}

/** Which word says how many bytes follow. */
function lengthAt({ form }: Command): number | undefined {
  if (form === 'store') return 4
  return form === 'meta_store' ? 2 : undefined
}

function commandOf(name: string, known: TextCommand, words: readonly string[]): Command {
  const { form } = known
  const rest = words.slice(known.words)
  return {
    kind: 'command',
    name,
    form,
    binary: false,
    keys: form === 'get' ? rest.length : 1,
    silent: silenceOf(name, form, rest),
    token: isMeta(form) ? opaqueOf(rest) : '',
    open: false,
    streams: name === 'watch' || (name === 'lru_crawler' && /^m(?:eta|g)dump$/.test(rest[0] ?? '')),
  }
}

const isMeta = (form: Form) => form === 'meta' || form === 'meta_store'

function silenceOf(name: string, form: Form, rest: readonly string[]): Command['silent'] {
  if (isMeta(form)) return rest.includes('q') ? 'unless' : 'no'
  // A key may have that name.
  const isAsked = form !== 'get' && rest.at(-1) === 'noreply'
  return isAsked || name === 'quit' ? 'always' : 'no'
}

const opaqueOf = (flags: readonly string[]) => flags.find((flag) => flag.startsWith('O')) ?? ''

/** The front of a line that is longer than what is held, up to its last whole key. */
function parseManyKeys(bytes: Buffer): ParseResult<Command> {
  const text = bytes.toString('latin1', 0, bytes.lastIndexOf(' ') + 1)
  if (!KEYS.test(text)) return invalid('a line has no end')
  const words = wordsOf(text)
  const [name = ''] = words
  const command = commandOf(name, TEXT_COMMANDS.get(name) ?? UNKNOWN, words)
  return frame(text.length, { ...command, open: true })
}

/** More keys of such a line. */
export function parseKeys(bytes: Buffer): ParseResult<Keys> {
  const isLong = bytes.length > LINE_BYTES && bytes.indexOf('\n') < 0
  if (!isLong) {
    const line = readLine(bytes)
    if (line.kind !== 'line') return line
    return frame(line.bytes, { kind: 'keys', keys: line.words.length, open: false })
  }
  const end = bytes.lastIndexOf(' ') + 1
  if (end === 0) return invalid('a key has no end')
  const keys = wordsOf(bytes.toString('latin1', 0, end)).length
  return frame(end, { kind: 'keys', keys, open: true })
}

/** A line; VALUE and VA with the data behind it. */
export function parseReply(bytes: Buffer): ParseResult<Reply> {
  const line = readLine(bytes)
  if (line.kind !== 'line') return line
  const reply = replyOf(line)
  if (reply === undefined) return invalid('a line is no answer')
  if (reply.word !== 'VALUE' && reply.word !== 'VA') return frame(line.bytes, reply)
  const length = line.words[reply.word === 'VA' ? 1 : 3] ?? ''
  if (!LENGTH.test(length)) return invalid('a value has no length')
  return withData(line, Number(length), bytes, reply)
}

function replyOf({ words }: Line): Reply | undefined {
  const [first = ''] = words
  const isNumber = NUMBER.test(first) && words.length === 1
  if (!isNumber && !WORD.test(first)) return undefined
  const isHit = first === 'HD' || first === 'VA'
  return {
    kind: 'reply',
    word: isNumber ? '0' : first,
    binary: false,
    token: isHit ? opaqueOf(words.slice(1)) : '',
    found: first === 'VALUE' || isHit,
    error: ERRORS.has(first) ? first : '',
    more: false,
  }
}
