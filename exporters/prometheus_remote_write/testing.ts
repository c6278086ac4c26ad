import { unsnappy } from '../../pipeline/net/snappy.ts'

type Field = readonly [number: number, value: Buffer | bigint]

/** What a message has, read without any schema: numbers, and bytes of all that has a length or a fixed one. */
function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? 0
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  const take = (length: number) => {
    at += length
    return bytes.subarray(at - length, at)
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const kind = tag & 7
    fields.push([tag >> 3, kind === 0 ? varint() : take(kind === 1 ? 8 : Number(varint()))])
  }
  return fields
}

const all = (bytes: Buffer, field: number): Buffer[] =>
  fieldsOf(bytes).flatMap(([number, value]) =>
    number === field && typeof value === 'object' ? [value] : [],
  )

const integer = (bytes: Buffer, field: number): bigint | undefined =>
  fieldsOf(bytes).find(([number]) => number === field)?.[1] as bigint | undefined

const labelsOf = (bytes: Buffer): string =>
  all(bytes, 1)
    .map((label) => `${all(label, 1)}=${all(label, 2)}`)
    .join(' ')

const double = (bytes: Buffer | undefined): string =>
  bytes?.readBigUInt64LE() === 0x7ff0_0000_0000_0002n ? 'stale' : String(bytes?.readDoubleLE())

/** A request as text, a series a line, as a reader of the specification sees it. */
export function decodeRequest(body: Uint8Array): { names: string[]; lines: string[] } {
  const plain = unsnappy(body, 16 << 20, () => new Error('too large'))
  const lines = all(plain, 1).map((series) =>
    [
      labelsOf(series),
      ...all(series, 2).map((one) => `sample ${double(all(one, 1)[0])} @${integer(one, 2)}`),
      ...all(series, 3).map(
        (one) => `exemplar ${labelsOf(one)} ${double(all(one, 2)[0])} @${integer(one, 3)}`,
      ),
      ...all(series, 4).map((one) => `histogram ${one.toString('hex')}`),
    ].join(' | '),
  )
  const metadata = all(plain, 3).map(
    (one) => `metadata ${integer(one, 1)} ${all(one, 2)} "${all(one, 4)}" "${all(one, 5)}"`,
  )
  const names = lines.map((line) => /__name__=(\S+)/.exec(line)?.[1] ?? '')
  return { names, lines: [...lines, ...metadata] }
}
