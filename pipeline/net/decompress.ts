import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { unlz4 } from './lz4.ts'
import { unsnappy } from './snappy.ts'

/** Bytes that are not taken. `message` is for the sender. */
export class BodyError extends Error {
  readonly code: 'TOO_LARGE' | 'CORRUPT' | 'ABORTED'
  constructor(code: BodyError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BodyError'
    this.code = code
  }
}

type Decompress = (bytes: Buffer, maxOutputLength: number) => Promise<Buffer>

const gunzip = promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.gunzip)
const inflate = promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.inflate)
const unzstd = promisify<zlib.InputType, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress)

/** 8 MiB, which RFC 9659 allows senders: a window is memory that a few bytes can claim. */
const ZSTD_WINDOW_LOG = 23

/** What `content-encoding` may be, '' for none. */
export const CONTENT_ENCODINGS = [
  '',
  'gzip',
  'zstd',
  'zlib',
  'snappy',
  'deflate',
  'lz4',
  'x-snappy-framed',
] as const
export type ContentEncoding = (typeof CONTENT_ENCODINGS)[number]

const decompressors: Record<Exclude<ContentEncoding, ''>, Decompress> = {
  gzip: (bytes, maxOutputLength) => gunzip(bytes, { maxOutputLength }),
  zstd: (bytes, maxOutputLength) =>
    unzstd(bytes, {
      maxOutputLength,
      params: { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG },
    }),
  zlib: (bytes, maxOutputLength) => inflate(bytes, { maxOutputLength }),
  deflate: (bytes, maxOutputLength) => inflate(bytes, { maxOutputLength }),
  snappy: async (bytes, max) => unsnappy(bytes, max, () => tooLarge(max)),
  'x-snappy-framed': async (bytes, max) => unsnappy(bytes, max, () => tooLarge(max)),
  lz4: async (bytes, max) => unlz4(bytes, max, () => tooLarge(max)),
}

export const tooLarge = (maxBytes: number) =>
  new BodyError('TOO_LARGE', `request body too large: allowed are ${maxBytes} bytes`)

/** Never makes more than `maxBytes`, whatever the bytes claim. Rejects with `BodyError`. */
export async function decompress(
  bytes: Buffer,
  encoding: Exclude<ContentEncoding, ''>,
  maxBytes: number,
): Promise<Buffer> {
  try {
    return await decompressors[encoding](bytes, maxBytes)
  } catch (cause) {
    if (cause instanceof BodyError) throw cause
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes)
    throw new BodyError('CORRUPT', `request body is no ${encoding}: ${(cause as Error).message}`, {
      cause,
    })
  }
}
