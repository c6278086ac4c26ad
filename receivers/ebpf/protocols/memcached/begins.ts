import type { Direction } from '../../protocol.ts'
import { HEADER_BYTES, MAGIC, parseRequest, parseResponse } from './binary.ts'

const KEY = String.raw`[\x21-\x7e\x80-\xff]{1,250}`
const TIME = String.raw`-?\d{1,10}`
const FLAGS = String.raw`(?: [A-Za-z][\x21-\x7e]{0,40})*`
/** Lines that are so only of memcached, or hardly of others: beanstalkd, too, has `delete NUMBER`, `touch NUMBER`, `stats` and `quit`. */
const LINES = [
  `(?:gets?|gats? ${TIME}) ${KEY}(?: ${KEY})*`,
  String.raw`(?:set|add|replace|append|prepend) ${KEY} \d{1,10} ${TIME} \d{1,10}(?: noreply)?`,
  String.raw`cas ${KEY} \d{1,10} ${TIME} \d{1,10} \d{1,20}(?: noreply)?`,
  String.raw`delete (?!\d+\r)${KEY}(?: 0)?(?: noreply)?`,
  String.raw`(?:incr|decr) ${KEY} \d{1,20}(?: noreply)?`,
  `touch ${KEY} ${TIME}(?: noreply)?`,
  `m[gda] ${KEY}${FLAGS}`,
  String.raw`ms ${KEY} \d{1,10}${FLAGS}`,
  'mn',
  'version',
]
const COMMAND = new RegExp(String.raw`^(?:${LINES.join('|')})\r\n`)
/** A line of keys that is longer than what is looked at. */
const MANY_KEYS = new RegExp(`^(?:gets?|gats? ${TIME}) ${KEY}(?: ${KEY})* ?$`)
const MANY_BYTES = 256

const REPLY =
  /^(?:VALUE [\x21-\x7e\x80-\xff]{1,250} \d{1,10} \d{1,10}[ \r]|(?:END|STORED|NOT_STORED|EXISTS|NOT_FOUND|DELETED|TOUCHED|OK|MN|ERROR)\r\n|(?:CLIENT|SERVER)_ERROR |VERSION |STAT |\d{1,20} *\r\n|(?:HD|EN|NS|EX|NF)[ \r]|VA \d{1,10}[ \r])/
const LOOKED_AT_BYTES = 600

/** Could a command or an answer begin here? */
export function beginsMemcached(direction: Direction, bytes: Buffer): boolean {
  if (bytes[0] === MAGIC[direction]) return beginsBinary(direction, bytes)
  const text = bytes.toString('latin1', 0, LOOKED_AT_BYTES)
  if (direction === 'response') return REPLY.test(text)
  if (COMMAND.test(text)) return true
  return text.length >= MANY_BYTES && MANY_KEYS.test(text)
}

function beginsBinary(direction: Direction, bytes: Buffer): boolean {
  if (bytes.length < HEADER_BYTES) return false
  const { kind } = direction === 'request' ? parseRequest(bytes) : parseResponse(bytes)
  return kind === 'frame'
}
