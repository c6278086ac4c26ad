/** For tests: messages of DNS. */

const u16 = (...numbers: number[]): Buffer => {
  const bytes = Buffer.alloc(2 * numbers.length)
  for (const [i, number] of numbers.entries()) bytes.writeUInt16BE(number, 2 * i)
  return bytes
}

export const name = (text: string): Buffer =>
  Buffer.concat([
    ...text
      .split('.')
      .filter((label) => label !== '')
      .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ])

export interface MessageFields {
  readonly id?: number
  readonly flags?: number
  readonly name?: string
  readonly type?: number
  readonly answers?: readonly Buffer[]
  readonly additional?: readonly Buffer[]
}

/** A pointer to the name of the question. */
export const QUESTION = Buffer.from([0xc0, 12])

/** A record: of the question's name, if nothing else is said. */
export const record = (type: number, data: Buffer, owner: Buffer = QUESTION): Buffer =>
  Buffer.concat([owner, u16(type, 1, 0, 60, data.length), data])

/** EDNS, with the upper bits of the response code. */
export const opt = (extended = 0): Buffer =>
  Buffer.concat([Buffer.from([0]), u16(41, 1232, extended << 8, 0, 0)])

export const RD = 0x0100
export const RESPONSE = 0x8180
export const TRUNCATED = 0x0200

export function message(fields: MessageFields = {}): Buffer {
  const { id = 1, flags = RD, type = 1, answers = [], additional = [] } = fields
  return Buffer.concat([
    u16(id, flags, 1, answers.length, 0, additional.length),
    name(fields.name ?? 'a.test'),
    u16(type, 1),
    ...answers,
    ...additional,
  ])
}

/** As TCP carries it. */
export const framed = (bytes: Buffer): Buffer => Buffer.concat([u16(bytes.length), bytes])
