/** Messages of MongoDB as drivers and servers write them, for tests. */
type Value =
  | string
  | number
  | boolean
  | bigint
  | { readonly [key: string]: Value }
  | readonly Value[]

const int32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value | 0)
  return bytes
}

const cString = (text: string) => Buffer.from(`${text}\0`)

function encode(value: Value): [type: number, bytes: Buffer] {
  if (typeof value === 'string')
    return [2, Buffer.concat([int32(Buffer.byteLength(value) + 1), cString(value)])]
  if (typeof value === 'boolean') return [8, Buffer.from([value ? 1 : 0])]
  if (typeof value === 'bigint') {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(value)
    return [18, bytes]
  }
  if (typeof value === 'number') return [16, int32(value)]
  return [Array.isArray(value) ? 4 : 3, document(value as { readonly [key: string]: Value })]
}

/** In BSON. */
export function document(value: { readonly [key: string]: Value }): Buffer {
  const parts = Object.entries(value).flatMap(([name, one]) => {
    const [type, bytes] = encode(one)
    return [Buffer.from([type]), cString(name), bytes]
  })
  const body = Buffer.concat([...parts, Buffer.from([0])])
  return Buffer.concat([int32(4 + body.length), body])
}

export const message = (opCode: number, id: number, responseTo: number, body: Buffer): Buffer =>
  Buffer.concat([int32(16 + body.length), int32(id), int32(responseTo), int32(opCode), body])

/** The body of an OP_MSG. */
export const body = (value: { readonly [key: string]: Value }, flags = 0): Buffer =>
  Buffer.concat([int32(flags), Buffer.from([0]), document(value)])

/** A section of kind 1. */
export function sequence(name: string, ...documents: Buffer[]): Buffer {
  const all = Buffer.concat([cString(name), ...documents])
  return Buffer.concat([Buffer.from([1]), int32(4 + all.length), all])
}

export const ask = (id: number, value: { readonly [key: string]: Value }, flags = 0): Buffer =>
  message(2013, id, 0, body(value, flags))

export const answer = (
  to: number,
  value: { readonly [key: string]: Value } = { ok: 1 },
  flags = 0,
  id = 1000 + to,
): Buffer => message(2013, id, to, body(value, flags))

export const compressed = (opCode: number, codec: number, bytes: Buffer): Buffer =>
  Buffer.concat([int32(opCode), int32(bytes.length), Buffer.from([codec]), bytes])

/** OP_QUERY. */
export const query = (id: number, full: string, value: { readonly [key: string]: Value }): Buffer =>
  message(
    2004,
    id,
    0,
    Buffer.concat([int32(0), cString(full), int32(0), int32(-1), document(value)]),
  )

/** OP_REPLY. */
export const reply = (to: number, value: { readonly [key: string]: Value }): Buffer =>
  message(1, 1000 + to, to, Buffer.concat([Buffer.alloc(16), int32(1), document(value)]))
