/** Packets of MQTT as clients and brokers write them, for tests. */
export const all = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts)

export const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff])
export const text = (value: string): Buffer =>
  all(u16(Buffer.byteLength(value)), Buffer.from(value))

/** A number in seven bits each. */
function length(value: number): Buffer {
  const bytes: number[] = []
  for (let left = value; left > 0 || bytes.length === 0; left >>= 7)
    bytes.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0))
  return Buffer.from(bytes)
}

export const packet = (first: number, ...parts: readonly Buffer[]): Buffer =>
  all(Buffer.from([first]), length(all(...parts).length), ...parts)

export const connect = (version: number, client: string): Buffer =>
  packet(
    0x10,
    text(version === 3 ? 'MQIsdp' : 'MQTT'),
    Buffer.from([version, 2, 0, 60]),
    ...(version === 5 ? [Buffer.from([5, 0x11, 0, 0, 0, 9])] : []),
    text(client),
  )

export interface Sent {
  readonly quality?: number
  readonly id?: number
  /** Undefined of version 3: there are none. */
  readonly properties?: Buffer
}

export function publish(topic: string, body: string, sent: Sent = {}): Buffer {
  const { quality = 0, id = 0, properties } = sent
  return packet(
    0x30 | (quality << 1),
    text(topic),
    ...(quality === 0 ? [] : [u16(id)]),
    ...(properties === undefined ? [] : [length(properties.length), properties]),
    Buffer.from(body),
  )
}

export const user = (name: string, value: string): Buffer =>
  all(Buffer.from([0x26]), text(name), text(value))
export const alias = (number: number): Buffer => all(Buffer.from([0x23]), u16(number))

/** PUBACK, PUBREC, PUBREL, PUBCOMP: 4 to 7. */
export const answer = (type: number, id: number, ...code: readonly number[]): Buffer =>
  packet((type << 4) | (type === 6 ? 2 : 0), u16(id), Buffer.from(code))
