/** Messages of Kafka as clients and brokers write them, for tests. */
type Piece = Buffer | number | string | readonly Piece[]

const int = (bytes: number) => (value: number) => {
  const buffer = Buffer.alloc(bytes)
  if (value < 0) buffer.fill(0xff)
  buffer.writeInt32BE(value, Math.max(bytes - 4, 0))
  return buffer
}

export const i32 = int(4)
export const i64 = int(8)

export function i16(value: number): Buffer {
  const buffer = Buffer.alloc(2)
  buffer.writeInt16BE(value)
  return buffer
}

export function varint(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  for (; left > 0x7f; left = Math.floor(left / 128)) bytes.push((left % 128) | 0x80)
  return Buffer.from([...bytes, left])
}

/** Of records, where numbers are signed. */
const signed = (value: number) => varint(value < 0 ? -2 * value - 1 : 2 * value)

const flat = (piece: Piece): Buffer =>
  typeof piece === 'number'
    ? Buffer.from([piece])
    : typeof piece === 'string'
      ? Buffer.from(piece)
      : Buffer.isBuffer(piece)
        ? piece
        : Buffer.concat(piece.map(flat))

export const all = (...pieces: Piece[]): Buffer => flat(pieces)

export const text = (value: string): Buffer => all(i16(value.length), value)
export const compact = (value: string): Buffer => all(varint(value.length + 1), value)
export const array = (...items: Piece[]): Buffer => all(i32(items.length), ...items)
export const compactArray = (...items: Piece[]): Buffer => all(varint(items.length + 1), ...items)
export const NO_TAGS = 0

const sized = (message: Buffer) => all(i32(message.length), message)

export const request = (key: number, version: number, id: number, ...body: Piece[]): Buffer =>
  sized(all(i16(key), i16(version), i32(id), text('shop'), ...body))

export const response = (id: number, ...body: Piece[]): Buffer => sized(all(i32(id), ...body))

/** A record with a value, and a `traceparent` if that is given. */
export function record(value: string, traceparent?: string): Buffer {
  const header = (name: string, of: string) => [signed(name.length), name, signed(of.length), of]
  const headers = traceparent === undefined ? [] : [header('traceparent', traceparent)]
  const body = all(0, signed(0), signed(0), signed(-1), signed(value.length), value)
  const whole = all(body, signed(headers.length), ...headers)
  return all(signed(whole.length), whole)
}

export interface BatchOptions {
  readonly offset?: number
  readonly attributes?: number
  readonly count?: number
  readonly compress?: (records: Buffer) => Buffer
}

/** A batch of format 2. */
export function batch(records: readonly Buffer[], options: BatchOptions = {}): Buffer {
  const { offset = 0, attributes = 0, count = records.length, compress = (all) => all } = options
  const front = all(
    i32(0),
    2,
    i32(0),
    i16(attributes),
    i32(count - 1),
    i64(0),
    i64(0),
    i64(-1),
    i16(-1),
    i32(-1),
  )
  const body = all(front, i32(count), compress(all(...records)))
  return all(i64(offset), i32(body.length), body)
}

/** Produce, version 7: topics with partitions with records. */
export const produce = (
  id: number,
  topics: Record<string, Record<number, Buffer>>,
  acks = -1,
): Buffer =>
  request(
    0,
    7,
    id,
    i16(-1),
    i16(acks),
    i32(1000),
    array(
      ...Object.entries(topics).map(([name, partitions]) => [
        text(name),
        array(
          ...Object.entries(partitions).map(([index, records]) => [
            i32(Number(index)),
            i32(records.length),
            records,
          ]),
        ),
      ]),
    ),
  )

export const produced = (id: number, errors: Record<string, number>): Buffer =>
  response(
    id,
    array(
      ...Object.entries(errors).map(([name, error]) => [
        text(name),
        array([i32(0), i16(error), i64(5), i64(-1), i64(0)]),
      ]),
    ),
    i32(0),
  )

/** Fetch, version 11: what is asked for does not matter. */
export const fetch = (id: number): Buffer =>
  request(1, 11, id, i32(-1), i32(500), i32(1), Buffer.alloc(20))

export const fetched = (id: number, topics: Record<string, Buffer>, error = 0): Buffer =>
  response(
    id,
    i32(0),
    i16(0),
    i32(1),
    array(
      ...Object.entries(topics).map(([name, records]) => [
        text(name),
        array([
          i32(3),
          i16(error),
          i64(9),
          i64(9),
          i64(0),
          i32(-1),
          i32(-1),
          i32(records.length),
          records,
        ]),
      ]),
    ),
  )
