import type { RemoteParent } from '../../trace_context/parent.ts'
import { isOfTrace, originOf } from '../origin.ts'
import { Fields } from './fields.ts'

/** What the header frame of a message says. */
export interface Content {
  /** Of the body. */
  readonly bytes: number
  readonly origin: RemoteParent | undefined
}

const HAS_CONTENT_TYPE = 1 << 15
const HAS_CONTENT_ENCODING = 1 << 14
const HAS_HEADERS = 1 << 13
const MAX_HEADERS = 64

/**
 *     class 2 | weight 2 | body 8 | flags 2 | properties, those whose flag is set
 *
 * Source: https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, 4.2.6.1
 */
export function contentOf(payload: Buffer): Content | undefined {
  const fields = new Fields(payload)
  fields.skip(4)
  const bytes = fields.longLong()
  const flags = fields.short()
  if (!fields.isWhole || !Number.isSafeInteger(bytes)) return undefined
  if ((flags & HAS_CONTENT_TYPE) !== 0) fields.shortText()
  if ((flags & HAS_CONTENT_ENCODING) !== 0) fields.shortText()
  return { bytes, origin: (flags & HAS_HEADERS) === 0 ? undefined : originOf(headersOf(fields)) }
}

/** Those of a table that name a trace. */
function headersOf(fields: Fields): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const end = fields.long()
  const until = fields.left - end
  for (let i = 0; i < MAX_HEADERS && fields.isWhole && fields.left > until; i++) {
    const name = fields.shortText()
    const value = textOf(fields)
    if (value === undefined) break
    if (fields.isWhole && isOfTrace(name)) found.set(name, value)
  }
  return found
}

/** How many bytes a value takes, by its letter, as RabbitMQ has them. */
const FIXED: Readonly<Record<string, number>> = {
  t: 1,
  b: 1,
  B: 1,
  s: 2,
  u: 2,
  I: 4,
  i: 4,
  f: 4,
  l: 8,
  d: 8,
  T: 8,
  D: 5,
  V: 0,
}

/** A text; '' of anything else, which is skipped. Undefined of what is not known. */
function textOf(fields: Fields): string | undefined {
  const letter = String.fromCharCode(fields.octet())
  if (letter === 'S' || letter === 'x') return fields.longText()
  const bytes = letter === 'F' || letter === 'A' ? fields.long() : FIXED[letter]
  if (bytes === undefined) return undefined
  fields.skip(bytes)
  return ''
}
