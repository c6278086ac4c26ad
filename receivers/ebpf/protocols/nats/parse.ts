import {
  type Direction,
  invalid,
  NEED_MORE,
  type ParsedFrame,
  type ParseResult,
} from '../../protocol.ts'
import type { RemoteParent } from '../../trace_context/parent.ts'
import { headersOf } from './headers.ts'

/** What is said by whom. */
const VERBS = {
  request: ['CONNECT', 'PUB', 'HPUB', 'SUB', 'UNSUB', 'PING', 'PONG'],
  response: ['INFO', 'MSG', 'HMSG', 'PING', 'PONG', '+OK', '-ERR'],
} as const
export type Verb = (typeof VERBS)[Direction][number]

/** What is kept of a line, and of what stands behind it. Texts are '' where it has none. */
export interface NatsFrame {
  readonly verb: Verb
  readonly subject: string
  /** Where an answer is wanted. */
  readonly reply: string
  /** Number of a subscription. */
  readonly sid: string
  /** Group of consumers. */
  readonly group: string
  /** As the client calls itself. */
  readonly client: string
  /** Of the payload without its headers. */
  readonly bytes: number
  /** The payload's first word, if it is one. */
  readonly word: string
  /** Where the message comes from. */
  readonly origin: RemoteParent | undefined
  /** A number in place of a message. */
  readonly status: string
}

const LF = 0x0a
const CR = 0x0d
const CRLF_BYTES = 2
/** The server's own limit is 4 KiB, but for INFO. */
const MAX_LINE_BYTES = 16 << 10
/** The server's limit can be raised to this. */
const MAX_PAYLOAD_BYTES = 64 << 20
/** Of headers; a trace hardly stands behind this. */
const WANTED_BYTES = 4096
/** An acknowledgement's longest word. */
const WORD_BYTES = 5
const NOTHING = {
  subject: '',
  reply: '',
  sid: '',
  group: '',
  client: '',
  bytes: 0,
  word: '',
  origin: undefined,
  status: '',
}

const VERB = /^[+-]?[a-zA-Z]{2,7}$/
const SIZE = /^\d{1,8}$/
/** No space, no control: the rest may be any text. */
const SUBJECT = /^[\x21-\x7e\u0080-\uffff]{1,1024}$/
const NAME = /"name":"([^"\\]{1,128})"/

/** Source: https://docs.nats.io/reference/reference-protocols/nats-protocol */
export function parseFrame(direction: Direction, bytes: Buffer): ParseResult<NatsFrame> {
  const end = bytes.indexOf(LF)
  if (end < 0) return bytes.length > MAX_LINE_BYTES ? invalid('a line has no end') : NEED_MORE
  if (end === 0 || bytes[end - 1] !== CR) return invalid('a line has no end')
  const line = bytes.toString('utf8', 0, end - 1)
  const [word = '', ...rest] = line.trimEnd().split(/[ \t]+/)
  const verb = VERB.test(word) ? verbOf(direction, word.toUpperCase()) : undefined
  if (verb === undefined) return invalid('a line begins with no verb')
  return parseLine(verb, rest, bytes, end + 1)
}

const verbOf = (direction: Direction, word: string): Verb | undefined =>
  VERBS[direction].find((verb) => verb === word)

/** `begin`: of what is behind the line. */
function parseLine(
  verb: Verb,
  words: readonly string[],
  bytes: Buffer,
  begin: number,
): ParseResult<NatsFrame> {
  switch (verb) {
    case 'PUB':
    case 'HPUB':
    case 'MSG':
    case 'HMSG':
      return parseMessage(verb, words, bytes, begin)
    case 'SUB': {
      const [subject = '', second = '', third] = words
      const isRight = SUBJECT.test(subject) && second !== '' && words.length <= 3
      if (!isRight) return invalid('a subscription to nothing')
      const group = third === undefined ? '' : second
      return frame(begin, { ...NOTHING, verb, subject, group, sid: third ?? second })
    }
    case 'UNSUB':
      return frame(begin, { ...NOTHING, verb, sid: words[0] ?? '' })
    case 'CONNECT':
    case 'INFO': {
      const [object = ''] = words
      if (!object.startsWith('{')) return invalid('no object in a line that is one')
      const client = verb === 'INFO' ? '' : (NAME.exec(words.join(' '))?.[1] ?? '')
      return frame(begin, { ...NOTHING, verb, client })
    }
    default:
      return frame(begin, { ...NOTHING, verb })
  }
}

const frame = (bytes: number, of: NatsFrame): ParsedFrame<NatsFrame> => ({
  kind: 'frame',
  bytes,
  frame: of,
})

/**
 *     PUB subject [reply] bytes              MSG subject sid [reply] bytes
 *     HPUB subject [reply] headers bytes     HMSG subject sid [reply] headers bytes
 *
 * Headers count among the bytes; CR LF are behind them.
 */
function parseMessage(
  verb: Verb,
  words: readonly string[],
  bytes: Buffer,
  begin: number,
): ParseResult<NatsFrame> {
  const fixed = verb.endsWith('MSG') ? 2 : 1
  const numbers = verb.startsWith('H') ? 2 : 1
  const replies = words.length - fixed - numbers
  const [subject = '', sid = ''] = words
  const sizes = words.slice(-numbers)
  if (replies < 0 || replies > 1 || !SUBJECT.test(subject) || !sizes.every((one) => SIZE.test(one)))
    return invalid('a message without subject or size')
  const headers = numbers === 2 ? Number(sizes[0]) : 0
  const total = Number(sizes.at(-1))
  if (headers > total || total > MAX_PAYLOAD_BYTES) return invalid('a size is impossible')
  const end = begin + total + CRLF_BYTES
  if (bytes.length >= end && bytes.readUInt16LE(end - CRLF_BYTES) !== CRLF)
    return invalid('a message is longer than it says')
  const wanted = Math.min(headers > 0 ? headers : total, headers > 0 ? WANTED_BYTES : WORD_BYTES)
  const front = bytes.toString('latin1', begin, begin + wanted)
  const whole = frame(end, {
    ...NOTHING,
    verb,
    subject,
    reply: replies === 1 ? (words[fixed] ?? '') : '',
    sid: fixed === 2 ? sid : '',
    bytes: total - headers,
    ...(headers > 0 ? headersOf(front) : { word: front }),
  })
  return bytes.length < begin + wanted ? { kind: 'need_more', otherwise: whole } : whole
}

const CRLF = 0x0a0d
