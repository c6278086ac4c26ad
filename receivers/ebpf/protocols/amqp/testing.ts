/** Frames of AMQP as clients and brokers write them, for tests. */
export const all = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts)

const u8 = (value: number) => Buffer.from([value])
const u16 = (value: number) => Buffer.from([value >> 8, value & 0xff])
export const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const u64 = (value: number) => all(u32(0), u32(value))
const short = (text: string) => all(u8(text.length), Buffer.from(text))
const long = (text: string) => all(u32(text.length), Buffer.from(text))

export const OPENING: Buffer = Buffer.from('AMQP\0\0\x09\x01', 'latin1')
export const HEARTBEAT: Buffer = Buffer.from([8, 0, 0, 0, 0, 0, 0, 0xce])

export const frame = (type: number, channel: number, payload: Buffer): Buffer =>
  all(u8(type), u16(channel), u32(payload.length), payload, u8(0xce))

export const method = (family: number, number: number, ...args: readonly Buffer[]): Buffer =>
  frame(1, 1, all(u16(family), u16(number), ...args))

const table = (headers: Readonly<Record<string, string>>) => {
  const rows = Object.entries(headers).map(([name, value]) => all(short(name), u8(83), long(value)))
  return all(u32(all(...rows).length), ...rows)
}

/** Header and body of a message, the body in frames of at most `room` bytes. */
export function content(
  body: string,
  headers?: Readonly<Record<string, string>>,
  room = 100,
): Buffer {
  const flags = headers === undefined ? 0x8000 : 0xa000
  const properties = all(short('text/plain'), ...(headers === undefined ? [] : [table(headers)]))
  const header = frame(2, 1, all(u16(60), u16(0), u64(body.length), u16(flags), properties))
  const frames: Buffer[] = []
  for (let at = 0; at < body.length; at += room)
    frames.push(frame(3, 1, Buffer.from(body.slice(at, at + room))))
  return all(header, ...frames)
}

export const select = (): Buffer => method(85, 10, u8(0))
export const consume = (queue: string, consumer: string): Buffer =>
  method(60, 20, u16(0), short(queue), short(consumer), u8(0), u32(0))
export const consumeOk = (consumer: string): Buffer => method(60, 21, short(consumer))
export const declareOk = (queue: string): Buffer => method(50, 11, short(queue), u32(0), u32(0))
export const publish = (exchange: string, key: string): Buffer =>
  method(60, 40, u16(0), short(exchange), short(key), u8(0))
export const returned = (code: number, exchange: string, key: string): Buffer =>
  method(60, 50, u16(code), short('NO_ROUTE'), short(exchange), short(key))
export const deliver = (consumer: string, tag: number, exchange: string, key: string): Buffer =>
  method(60, 60, short(consumer), u64(tag), u8(0), short(exchange), short(key))
export const get = (queue: string): Buffer => method(60, 70, u16(0), short(queue), u8(0))
export const getOk = (tag: number, exchange: string, key: string): Buffer =>
  method(60, 71, u64(tag), u8(0), short(exchange), short(key), u32(0))
export const getEmpty = (): Buffer => method(60, 72, short(''))
export const ack = (tag: number, multiple = false): Buffer =>
  method(60, 80, u64(tag), u8(multiple ? 1 : 0))
export const nack = (tag: number): Buffer => method(60, 120, u64(tag), u8(0))
export const reject = (tag: number): Buffer => method(60, 90, u64(tag), u8(1))
export const closed = (code: number): Buffer =>
  method(20, 40, u16(code), short('NOT_FOUND'), u16(60), u16(40))
