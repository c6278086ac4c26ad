import { constants, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import { lz4Front } from '../../../pipeline/net/lz4.ts'
import { snappyFront } from '../../../pipeline/net/snappy.ts'

const flush = constants.Z_SYNC_FLUSH
/** As zlib's own. */
const TOO_LARGE = 'ERR_BUFFER_TOO_LARGE'
const tooLarge = () => Object.assign(new Error('more than what is looked at'), { code: TOO_LARGE })

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

/** What is tried next of a front that holds too much: enough of it remains for one of two blocks of Zstandard. */
const shorter = (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length * 0.75))

/** What the front of something compressed holds, at most `max` bytes of it; undefined when it makes no sense. */
export function inflateFront(codec: Codec, bytes: Buffer, max: number): Buffer | undefined {
  for (let front = bytes; front.length > 0; front = shorter(front)) {
    try {
      return INFLATE[codec](front, max)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== TOO_LARGE) return undefined
    }
  }
  return undefined
}
