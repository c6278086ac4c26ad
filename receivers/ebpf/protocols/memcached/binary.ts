import { invalid, NEED_MORE, type ParseResult } from '../../protocol.ts'
import { BINARY_COMMANDS, type BinaryCommand } from './commands.ts'
import { type Command, frame, type Reply } from './frames.ts'
import { MAX_VALUE_BYTES } from './line.ts'

export const MAGIC = { request: 0x80, response: 0x81 } as const

export const HEADER_BYTES = 24
const MAX_KEY_BYTES = 250
/** What a cache says no by: not found, there already, not stored. */
const NOES = new Set([1, 2, 5])
const STATS = 0x10

interface Head {
  readonly code: number
  readonly command: BinaryCommand
  readonly extras: number
  readonly key: number
  readonly body: number
  readonly status: number
  readonly token: string
}

/**
 *     magic 1 | code 1 | key 2 | extras 1 | type 1 | status 2 | body 4 | opaque 4 | version 8 | body: extras, key, value
 *
 * All are big-endian. A request has 0 for a status. Source: as BINARY_COMMANDS
 */
function parseHead(magic: number, bytes: Buffer): Head | ParseResult<never> {
  if (bytes.length < HEADER_BYTES) return NEED_MORE
  const code = bytes[1] ?? 0
  const command = BINARY_COMMANDS.get(code)
  if (bytes[0] !== magic || command === undefined) return invalid('no such command')
  const key = bytes.readUInt16BE(2)
  const extras = bytes[4] ?? 0
  const body = bytes.readUInt32BE(8)
  const isPlain = bytes[5] === 0 && key <= MAX_KEY_BYTES
  if (!isPlain || body < key + extras || body > MAX_VALUE_BYTES) return invalid('a head is wrong')
  const token = `${code} ${bytes.readUInt32BE(12)}`
  return { code, command, extras, key, body, status: bytes.readUInt16BE(6), token }
}

export function parseRequest(bytes: Buffer): ParseResult<Command> {
  const head = parseHead(MAGIC.request, bytes)
  if ('kind' in head) return head
  const { command, body, token } = head
  if (!isRight(head)) return invalid('a command is built wrongly')
  const { name, quiet } = command
  return frame(HEADER_BYTES + body, {
    kind: 'command',
    name,
    form: name === 'get' || name === 'gat' ? 'get' : 'other',
    binary: true,
    keys: 1,
    silent: quiet ? 'unless' : 'no',
    token,
    open: false,
    streams: false,
  })
}

function isRight({ command, extras, key, body, status }: Head): boolean {
  if (status !== 0 || !command.extras.includes(extras)) return false
  if (command.key !== 'maybe' && key > 0 !== (command.key === 'always')) return false
  return command.value || body === key + extras
}

export function parseResponse(bytes: Buffer): ParseResult<Reply> {
  const head = parseHead(MAGIC.response, bytes)
  if ('kind' in head) return head
  const { code, command, body, key, status, token } = head
  return frame(HEADER_BYTES + body, {
    kind: 'reply',
    word: command.name,
    binary: true,
    token,
    found: status === 0,
    error: status === 0 || NOES.has(status) ? '' : `0x${status.toString(16).padStart(4, '0')}`,
    more: code === STATS && status === 0 && key > 0,
  })
}
