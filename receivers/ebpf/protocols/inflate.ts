import { constants, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import { lz4Front } from '../../../pipeline/net/lz4.ts'
import { snappyFront } from '../../../pipeline/net/snappy.ts'

const flush = constants.Z_SYNC_FLUSH
const tooLarge = () => new Error('more than what is looked at')

const INFLATE = {
  gzip: (bytes: Buffer, maxOutputLength: number) =>
    gunzipSync(bytes, { maxOutputLength, finishFlush: flush }),
  zlib: (bytes: Buffer, maxOutputLength: number) =>
    inflateSync(bytes, { maxOutputLength, finishFlush: flush }),
  zstd: (bytes: Buffer, maxOutputLength: number) =>
    zstdDecompressSync(bytes, { maxOutputLength, finishFlush: constants.ZSTD_e_flush }),
  /** One block. */
  snappy: snappyFront,
  lz4: (bytes: Buffer, max: number) => lz4Front(bytes, max, tooLarge),
}

export type Codec = keyof typeof INFLATE

/** What the front of something compressed holds; undefined when it makes no sense, or holds more than `max` bytes. */
export function inflateFront(codec: Codec, bytes: Buffer, max: number): Buffer | undefined {
  try {
    return INFLATE[codec](bytes, max)
  } catch {
    return undefined
  }
}
