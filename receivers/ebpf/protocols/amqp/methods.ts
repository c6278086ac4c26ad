import type { Direction } from '../../protocol.ts'
import { Fields } from './fields.ts'

/** What is kept of a method. Texts are '' and numbers 0 where a method has none. */
export interface Method {
  readonly name: MethodName
  readonly exchange: string
  readonly routingKey: string
  readonly queue: string
  readonly consumer: string
  readonly tag: number
  /** All up to the tag. */
  readonly multiple: boolean
  /** Of `close` and `return`: why. */
  readonly code: number
}

export type MethodName =
  | 'publish'
  | 'deliver'
  | 'get'
  | 'get-ok'
  | 'get-empty'
  | 'return'
  | 'ack'
  | 'nack'
  | 'reject'
  | 'consume'
  | 'consume-ok'
  | 'cancel'
  | 'declare-ok'
  | 'select'
  | 'open'
  | 'close'
  | 'other'

const NOTHING: Method = {
  name: 'other',
  exchange: '',
  routingKey: '',
  queue: '',
  consumer: '',
  tag: 0,
  multiple: false,
  code: 0,
}

type Read = (fields: Fields) => Partial<Method>

const bit = (octet: number) => (octet & 1) !== 0
const settled: Read = (fields) => ({ tag: fields.longLong(), multiple: bit(fields.octet()) })
const closed: Read = (fields) => ({ code: fields.short() })
const route: Read = (fields) => ({
  exchange: fields.shortText(),
  routingKey: fields.shortText(),
})
/** A number that nobody uses any more stands in front. */
const behindTicket =
  (read: Read): Read =>
  (fields) => {
    fields.skip(2)
    return read(fields)
  }

const key = (family: number, method: number) => (family << 16) | method

/** By class and method. Source: https://www.rabbitmq.com/resources/specs/amqp0-9-1.xml, and its extensions */
const METHODS: ReadonlyMap<number, readonly [name: MethodName, read: Read]> = new Map<
  number,
  readonly [name: MethodName, read: Read]
>([
  [key(10, 50), ['close', closed]],
  [key(20, 10), ['open', () => ({})]],
  [key(20, 40), ['close', closed]],
  [key(50, 11), ['declare-ok', (fields) => ({ queue: fields.shortText() })]],
  [
    key(60, 20),
    [
      'consume',
      behindTicket((fields) => ({ queue: fields.shortText(), consumer: fields.shortText() })),
    ],
  ],
  [key(60, 21), ['consume-ok', (fields) => ({ consumer: fields.shortText() })]],
  [key(60, 30), ['cancel', (fields) => ({ consumer: fields.shortText() })]],
  [key(60, 40), ['publish', behindTicket(route)]],
  [
    key(60, 50),
    [
      'return',
      (fields) => {
        const code = fields.short()
        fields.shortText()
        return { code, ...route(fields) }
      },
    ],
  ],
  [
    key(60, 60),
    [
      'deliver',
      (fields) => {
        const consumer = fields.shortText()
        const tag = fields.longLong()
        fields.octet()
        return { consumer, tag, ...route(fields) }
      },
    ],
  ],
  [key(60, 70), ['get', behindTicket((fields) => ({ queue: fields.shortText() }))]],
  [
    key(60, 71),
    [
      'get-ok',
      (fields) => {
        const tag = fields.longLong()
        fields.octet()
        return { tag, ...route(fields) }
      },
    ],
  ],
  [key(60, 72), ['get-empty', () => ({})]],
  [key(60, 80), ['ack', settled]],
  [key(60, 90), ['reject', (fields) => ({ tag: fields.longLong() })]],
  [key(60, 120), ['nack', settled]],
  [key(85, 10), ['select', () => ({})]],
])

/** All others by class, as far as the highest number that one of them has. */
const HIGHEST: Readonly<Record<number, number>> = {
  10: 71,
  20: 41,
  40: 51,
  50: 51,
  60: 120,
  85: 11,
  90: 31,
}

/** Those that only one side sends. */
const OF_CLIENTS = new Set<MethodName>(['publish', 'get', 'consume', 'reject', 'select', 'open'])
const OF_SERVERS = new Set<MethodName>([
  'deliver',
  'get-ok',
  'get-empty',
  'return',
  'consume-ok',
  'declare-ok',
])

/** Undefined: there is no such method, the other side says it, or it is cut. */
export function methodOf(direction: Direction, payload: Buffer): Method | undefined {
  if (payload.length < 4) return undefined
  const [family, number] = [payload.readUInt16BE(0), payload.readUInt16BE(2)]
  if (number === 0 || number > (HIGHEST[family] ?? 0)) return undefined
  const [name, read] = METHODS.get(key(family, number)) ?? (['other', () => ({})] as const)
  const wrong = direction === 'request' ? OF_SERVERS : OF_CLIENTS
  const fields = new Fields(payload, 4)
  const method = { ...NOTHING, ...read(fields), name }
  const isRight = fields.isWhole && Number.isSafeInteger(method.tag)
  return wrong.has(name) || !isRight ? undefined : method
}
