import type { Chunk, Direction } from '../../protocol.ts'
import { COMMAND, formOf, queryText, STATEMENT_BYTES, statementText } from './command.ts'
import { unpackedFront } from './compressed.ts'
import { greetingOf, HANDSHAKE_BYTES, loginOf, TLS_REQUEST_BYTES } from './handshake.ts'
import { type MysqlPacket, parsePacket } from './packet.ts'

/** Words that a statement begins with, behind comments and parentheses. */
const STATEMENT =
  /^(?:\s|\(|\/\*[^*]*\*\/)*(?:select|insert|update|delete|replace|set|show|use|begin|start|commit|rollback|call|with|values|create|alter|drop|truncate|rename|load|desc|describe|explain|analyze|optimize|do|lock|unlock|flush|grant|revoke|prepare|execute|deallocate|savepoint|release|xa|kill|handler|check|table)\b/i
const MAX_STATEMENTS = 1 << 24

const frontOf = (bytes: Buffer, front: number): MysqlPacket | undefined => {
  const result = parsePacket(bytes, ({ length }) => Math.min(length, front, bytes.length - 4))
  return result.kind === 'frame' ? result.frame : undefined
}

/** Is it all of a server's greeting? */
export function isGreeting(bytes: Buffer): boolean {
  const packet = frontOf(bytes, HANDSHAKE_BYTES)
  if (packet?.seq !== 0 || bytes.length !== packet.length + 4) return false
  return greetingOf(packet.body) !== undefined
}

/** A login: of the first packet behind the greeting, or of the second if TLS is between them. One for TLS itself is none. */
function isLogin(bytes: Buffer): boolean {
  const packet = frontOf(bytes, HANDSHAKE_BYTES)
  if (packet === undefined || (packet.seq !== 1 && packet.seq !== 2)) return false
  if (packet.length <= TLS_REQUEST_BYTES || packet.length > 4096 || bytes.length < 37) return false
  return loginOf(packet.body) !== undefined
}

/** Does a client's turn begin here, on a connection that is under way? Its first packet has to be a statement, or to run one. */
function beginsCommand(bytes: Buffer): boolean {
  const packet = frontOf(bytes, STATEMENT_BYTES)
  if (packet?.seq !== 0 || formOf(packet.first) === undefined) return false
  const end = 4 + packet.length
  // Whole, or longer than what is at hand; another behind it has a header, too.
  if (bytes.length > end && bytes[end + 3] !== 0) return false
  switch (packet.first) {
    case COMMAND.query:
      return STATEMENT.test(queryText(packet.body) ?? '')
    case COMMAND.prepare:
      return STATEMENT.test(statementText(packet.body, 1))
    case COMMAND.execute:
      return isExecute(packet, bytes)
    default:
      return false
  }
}

/** A number that was given before, flags, and one time. */
function isExecute({ length, body }: MysqlPacket, bytes: Buffer): boolean {
  if (length < 10 || bytes.length < 14 || bytes.readUInt32LE(10) !== 1) return false
  const id = body.readUInt32LE(1)
  return (id < MAX_STATEMENTS || id === 0xff_ff_ff_ff) && (body[5] ?? bytes[9] ?? 0xff) <= 0x0f
}

/** The same of a connection that compresses: a turn's first packet has number 0 there, too. */
export function beginsCompressed(bytes: Buffer): boolean {
  if (bytes[3] !== 0) return false
  const front = unpackedFront(bytes)
  return front !== undefined && beginsCommand(front)
}

/** Does an answer begin here? The first packet of one behind a command has number 1. */
const beginsAnswer = (bytes: Buffer): boolean =>
  bytes.length >= 4 && bytes[3] === 1 && bytes.readUIntLE(0, 3) > 0

/** Could this chunk be the first that is understood of a connection? */
export function beginsMysql({ direction, data }: Chunk, adopted: boolean): boolean {
  if (adopted) return direction === 'request' && (beginsCommand(data) || beginsCompressed(data))
  return direction === 'request' ? isLogin(data) : isGreeting(data)
}

export const beginsTurn = (direction: Direction, bytes: Buffer): boolean =>
  direction === 'request' ? beginsCommand(bytes) : beginsAnswer(bytes)
