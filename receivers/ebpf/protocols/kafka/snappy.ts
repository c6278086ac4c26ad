import { inflateFront } from '../inflate.ts'

/** A magic number, two versions of 4 bytes, then blocks, each after its length of 4 bytes. Source: xerial/snappy-java, SnappyOutputStream */
const XERIAL = Buffer.from('82534e4150505900', 'hex')
const XERIAL_HEAD_BYTES = 16

/** What the front of records in snappy holds: in blocks as Java's clients write them, or in one, as librdkafka does. */
export function snappyRecords(bytes: Buffer, max: number): Buffer | undefined {
  if (!bytes.subarray(0, XERIAL.length).equals(XERIAL)) return inflateFront('snappy', bytes, max)
  const parts: Buffer[] = []
  for (let at = XERIAL_HEAD_BYTES; at + 4 < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at)
    const part = inflateFront('snappy', bytes.subarray(at + 4, end), max)
    if (part === undefined) return undefined
    parts.push(part)
    at = end
  }
  return Buffer.concat(parts).subarray(0, max)
}
