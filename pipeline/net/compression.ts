import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { enumOf, type Infer, int, object } from '../../config/fields.ts'

/** What `compression` may be; the empty string is none. */
export const compressionField = () =>
  enumOf(
    ['gzip', 'zstd', 'deflate', 'zlib', 'none', ''],
    (found) => `unsupported compression type "${found}"`,
  ).describe('How bodies are compressed.')

/** `compression_params`. The level 0 is the default of the compression: gzip 1, zstd 3. */
export const compressionParams = object({
  level: int()
    .min(-1)
    .max(22)
    .default(0)
    .describe('0 is the default level: 1 for gzip, zlib and deflate, 3 for zstd.'),
}).describe('How hard to compress.')

export type Compression = Infer<ReturnType<typeof compressionField>>

type Compress = (bytes: Uint8Array, level: number) => Promise<Buffer>

const gzip = promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.gzip)
const deflate = promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.deflate)
const zstd = promisify<zlib.InputType, zlib.ZstdOptions, Buffer>(zlib.zstdCompress)

const DEFLATE_LEVEL = 1 // level 6 is half as fast for a few percent of size, on spans
const ZSTD_LEVEL = 3

const compressors: Record<Exclude<Compression, 'none' | ''>, Compress> = {
  gzip: (bytes, level) => gzip(bytes, { level: level === 0 ? DEFLATE_LEVEL : level }),
  deflate: (bytes, level) => deflate(bytes, { level: level === 0 ? DEFLATE_LEVEL : level }),
  zlib: (bytes, level) => deflate(bytes, { level: level === 0 ? DEFLATE_LEVEL : level }),
  zstd: (bytes, level) =>
    zstd(bytes, {
      params: { [zlib.constants.ZSTD_c_compressionLevel]: level === 0 ? ZSTD_LEVEL : level },
    }),
}

/** The highest level that a compression has. */
export const maxLevel = (compression: Compression): number => (compression === 'zstd' ? 22 : 9)

/** `contentEncoding` is undefined where nothing is compressed; `compress` works on a thread of the pool. */
export function compressor(compression: Compression, level: number) {
  if (compression === 'none' || compression === '') return undefined
  const compress = compressors[compression]
  return {
    contentEncoding: compression,
    compress: (bytes: Uint8Array): Promise<Buffer> => compress(bytes, level),
  }
}
