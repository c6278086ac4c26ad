import { inflateFront } from '../inflate.ts'
import { BSON, documentBytes, elements, numberOf, textOf } from './bson.ts'
import { FLAGS, type MongoFrame, OP } from './parse.ts'

/** What a request asks for. Texts are '' where nothing is known. */
export interface Command {
  readonly name: string
  readonly collection: string
  readonly database: string
  /** No answer follows. */
  readonly silent: boolean
  readonly partial: '' | 'mongodb_unread' | 'mongodb_cut'
}

export interface Answer {
  /** The server's code of the error; '' without one. */
  readonly code: string
  /** Failed, and did not say with which code. */
  readonly failed: boolean
  /** More answers follow, to no request. */
  readonly more: boolean
}

/** What stands in OP_COMPRESSED. */
interface Plain {
  readonly opCode: number
  readonly body: Buffer
}

const MAX_OUTPUT_BYTES = 1 << 20
const CODECS = ['', 'snappy', 'zlib', 'zstd'] as const
const COMMAND = /^[a-zA-Z_]\w{0,63}$/
/** Legacy operations, as servers before 5.1 had them. */
const LEGACY: Readonly<Record<number, string>> = {
  [OP.update]: 'update',
  [OP.insert]: 'insert',
  [OP.query]: 'find',
  [OP.getMore]: 'getMore',
  [OP.remove]: 'delete',
}
const NOTHING = { name: '', collection: '', database: '', silent: false, partial: '' } as const

/**
 *     operation 4 | length 4 | codec 1 | compressed
 */
function plainOf({ opCode, body }: MongoFrame): Plain | undefined {
  if (opCode !== OP.compressed) return { opCode, body }
  if (body.length < 9) return undefined
  const codec = CODECS[body[8] ?? 0]
  if (codec === undefined) return undefined
  const compressed = body.subarray(9)
  const plain = codec === '' ? compressed : inflateFront(codec, compressed, MAX_OUTPUT_BYTES)
  return plain === undefined ? undefined : { opCode: body.readInt32LE(0), body: plain }
}

/** The document of a message: its section of kind 0, wherever that stands. */
function documentOf(body: Buffer): Buffer {
  let at = 4
  while (at + 5 <= body.length) {
    const kind = body[at]
    if (kind === 0) return body.subarray(at + 1)
    const bytes = body.readInt32LE(at + 1)
    if (kind !== 1 || bytes < 4) break
    at += 1 + bytes
  }
  return body.subarray(body.length)
}

const flagsOf = (body: Buffer) => (body.length < 4 ? 0 : body.readUInt32LE(0))

export function commandOf(frame: MongoFrame): Command {
  const plain = plainOf(frame)
  if (plain === undefined) return { ...NOTHING, partial: 'mongodb_unread' }
  const { opCode, body } = plain
  if (opCode !== OP.message) return legacyCommand(opCode, body)
  const silent = (flagsOf(body) & FLAGS.moreToCome) !== 0
  return { ...documentCommand(documentOf(body)), silent }
}

function documentCommand(document: Buffer): Command {
  let [name, collection, database] = ['', '', '']
  for (const element of elements(document)) {
    if (name === '') {
      name = element.name
      collection = textOf(document, element)
    } else if (name === 'getMore' && element.name === 'collection') {
      collection = textOf(document, element)
    } else if (element.name === '$db') {
      database = textOf(document, element)
    }
  }
  if (!COMMAND.test(name)) name = ''
  return { ...NOTHING, name, collection, database, partial: database === '' ? 'mongodb_cut' : '' }
}

/** A number, `database.collection` and what is asked; of `database.$cmd` that is a command. */
function legacyCommand(opCode: number, body: Buffer): Command {
  const end = body.indexOf(0, 4)
  const full = end < 0 ? '' : body.toString('utf8', 4, end)
  const dot = full.indexOf('.')
  const [database, collection] = [full.slice(0, Math.max(dot, 0)), full.slice(dot + 1)]
  const silent = opCode !== OP.query && opCode !== OP.getMore
  if (opCode === OP.query && collection === '$cmd')
    return { ...documentCommand(body.subarray(end + 9)), database, partial: '' }
  return { ...NOTHING, name: LEGACY[opCode] ?? 'killCursors', collection, database, silent }
}

/** Of legacy replies: flags 4, cursor 8, from 4, documents 4. */
const REPLY_BYTES = 20

export function answerOf(frame: MongoFrame): Answer {
  const plain = plainOf(frame)
  if (plain === undefined) return { code: '', failed: false, more: false }
  const { opCode, body } = plain
  const isReply = opCode === OP.reply
  const more = !isReply && (flagsOf(body) & FLAGS.moreToCome) !== 0
  const document = isReply ? body.subarray(REPLY_BYTES) : documentOf(body)
  return { ...errorOf(document), more }
}

/** `ok` is 0, or single writes of many failed: then the first of their codes counts. */
function errorOf(document: Buffer): { code: string; failed: boolean } {
  let [failed, code, write] = [false, '', '']
  for (const element of elements(document)) {
    if (element.name === 'ok') failed = numberOf(document, element) === 0
    else if (element.name === 'code') code = String(numberOf(document, element) ?? '')
    else if (element.name === 'writeErrors' && element.type === BSON.array)
      write = firstCode(document.subarray(element.at))
  }
  return failed ? { code, failed } : { code: write, failed: write !== '' }
}

function firstCode(errors: Buffer): string {
  for (const { type, at } of elements(errors)) {
    const error = errors.subarray(at)
    if (type !== BSON.document || documentBytes(error) === undefined) break
    for (const element of elements(error))
      if (element.name === 'code') return String(numberOf(error, element) ?? '')
    break
  }
  return ''
}
