import { addressText } from '../../address.ts'
import { rcodeName, TYPE_A, TYPE_AAAA, TYPE_OPT } from './codes.ts'
import { readName, skipName } from './name.ts'

/** What is read of a message: all that spans and metrics say. */
export interface DnsMessage {
  readonly id: number
  readonly isResponse: boolean
  /** It was too long for its way, and is to be asked for over TCP. */
  readonly isTruncated: boolean
  /** Of the question. */
  readonly name: string
  readonly type: number
  /** '' of success, and of a query. */
  readonly rcode: string
  /** IPv4 and IPv6 addresses, as far as they were captured. */
  readonly answers: readonly string[]
}

export const HEADER_BYTES = 12
/** Behind the name of a question, and of a record in front of its data. */
const QUESTION_TAIL = 4
const RECORD_TAIL = 10
/** Of one message; each costs at least 11 bytes of it. */
const MAX_RECORDS = 1024
const MAX_ANSWERS = 32

/** QR, opcode, AA, TC, RD, RA, Z, AD, CD, rcode. */
const RESPONSE = 0x8000
const OPCODE = 0x7800
const TRUNCATED = 0x0200
const RCODE = 0x000f

/**
 * Reads what is captured of a message: header and question at least. Undefined if it is not a query or response to one, or none
 * about exactly one name; what a client cannot have sent is none.
 *
 *     id 2 | flags 2 | questions 2 | answers 2 | authority 2 | additional 2 | question | records
 *     question: name | type 2 | class 2
 *     record:   name | type 2 | class 2 | ttl 4 | length 2 | data
 *
 * Source: https://www.rfc-editor.org/rfc/rfc1035#section-4.1, of OPT https://www.rfc-editor.org/rfc/rfc6891#section-6.1
 */
export function parseMessage(bytes: Buffer): DnsMessage | undefined {
  if (bytes.length < HEADER_BYTES) return undefined
  const flags = bytes.readUInt16BE(2)
  if ((flags & OPCODE) !== 0 || bytes.readUInt16BE(4) !== 1) return undefined
  const isResponse = (flags & RESPONSE) !== 0
  if (!isResponse && (flags & RCODE) !== 0) return undefined
  const question = readName(bytes, HEADER_BYTES)
  if (question === undefined || question.end + QUESTION_TAIL > bytes.length) return undefined
  const { answers, extended } = readRecords(bytes, question.end + QUESTION_TAIL)
  return {
    id: bytes.readUInt16BE(0),
    isResponse,
    isTruncated: isResponse && (flags & TRUNCATED) !== 0,
    name: question.text,
    type: bytes.readUInt16BE(question.end),
    rcode: isResponse ? rcodeName((extended << 4) | (flags & RCODE)) : '',
    answers: isResponse ? answers : [],
  }
}

/** Addresses among the answers, and what EDNS has of the response code; as far as bytes and limits go. */
function readRecords(bytes: Buffer, first: number): { answers: string[]; extended: number } {
  const answers: string[] = []
  const told = bytes.readUInt16BE(6)
  const all = told + bytes.readUInt16BE(8) + bytes.readUInt16BE(10)
  let at = first
  for (let i = 0; i < Math.min(all, MAX_RECORDS); i++) {
    const tail = skipName(bytes, at)
    if (tail === undefined || tail + RECORD_TAIL > bytes.length) break
    const type = bytes.readUInt16BE(tail)
    if (type === TYPE_OPT) return { answers, extended: bytes[tail + 4] ?? 0 }
    const length = bytes.readUInt16BE(tail + 8)
    at = tail + RECORD_TAIL + length
    if (at > bytes.length) break
    const address = i < told ? addressOf(bytes.subarray(at - length, at), type) : ''
    if (address !== '' && answers.length < MAX_ANSWERS) answers.push(address)
  }
  return { answers, extended: 0 }
}

function addressOf(data: Buffer, type: number): string {
  if (type === TYPE_A && data.length === 4) return data.join('.')
  return type === TYPE_AAAA && data.length === 16 ? addressText(data, 0) : ''
}
