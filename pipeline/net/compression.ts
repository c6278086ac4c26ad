import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { enumOf, type Infer, int, object } from '../../config/fields.ts'
import { joined, type Pieces } from './joined.ts'
import { lz4 } from './lz4.ts'
import { snappyBlock, snappyFramed } from './snappy.ts'

const refusal = (found: string) => `unsupported compression type "${found}"`

/** What `compression` of HTTP may be; the empty string is none. */
export const compressionField = () =>
  enumOf(
    ['gzip', 'zstd', 'deflate', 'zlib', 'snappy', 'x-snappy-framed', 'lz4', 'none', ''],
    refusal,
  ).describe('How bodies are compressed.')

/** What `compression` of gRPC may be. */
export const grpcCompressionField = () =>
  enumOf(['gzip', 'zstd', 'snappy', 'none', ''], refusal).describe('How messages are compressed.')

/** `compression_params`. The level 0 is the default of the compression: gzip 1, zstd 3. */
export const compressionParams = object({
  level: int()
    .default(0)
    .describe('0 is the default level: 1 for gzip, zlib and deflate, 3 for zstd.'),
}).describe('How hard to compress.')

export type Compression = Infer<ReturnType<typeof compressionField>>

type Compress = (bytes: Uint8Array, level: number) => Promise<Buffer>

const gzip = promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.gzip)
const deflate = promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.deflate)
const zstd = promisify<zlib.InputType, zlib.ZstdOptions, Buffer>(zlib.zstdCompress)

const DEFLATE_LEVEL = 1 // level 6 is half as fast for a few percent of size, on spans
const HUFFMAN_ONLY = -2
const ZSTD_LEVEL = 3

/** Of what is expected to come out: spans become a tenth. */
const OUTPUT_SHARE = 8
const [OUTPUT_MIN_BYTES, OUTPUT_MAX_BYTES] = [4 << 10, 1 << 20]

/** Output in one piece where that is likely: each costs a turn of the thread pool and of the event loop. */
const chunkSize = (bytes: number): number =>
  Math.min(Math.max(Math.ceil(bytes / OUTPUT_SHARE), OUTPUT_MIN_BYTES), OUTPUT_MAX_BYTES)

const deflateOptions = (bytes: Uint8Array, level: number): zlib.ZlibOptions => ({
  chunkSize: chunkSize(bytes.length),
  ...(level === HUFFMAN_ONLY
    ? { strategy: zlib.constants.Z_HUFFMAN_ONLY }
    : { level: level === 0 ? DEFLATE_LEVEL : level }),
})

const compressors: Record<Exclude<Compression, 'none' | ''>, Compress> = {
  gzip: (bytes, level) => gzip(bytes, deflateOptions(bytes, level)),
  deflate: (bytes, level) => deflate(bytes, deflateOptions(bytes, level)),
  zlib: (bytes, level) => deflate(bytes, deflateOptions(bytes, level)),
  zstd: (bytes, level) =>
    zstd(bytes, {
      chunkSize: chunkSize(bytes.length),
      params: { [zlib.constants.ZSTD_c_compressionLevel]: level === 0 ? ZSTD_LEVEL : level },
    }),
  snappy: async (bytes) => snappyBlock(bytes),
  'x-snappy-framed': async (bytes) => snappyFramed(bytes),
  lz4: async (bytes) => lz4(bytes),
}

/** The levels that a compression has, besides its default 0. */
const LEVELS: Record<Compression, readonly [min: number, max: number]> = {
  gzip: [HUFFMAN_ONLY, 9],
  deflate: [HUFFMAN_ONLY, 9],
  zlib: [HUFFMAN_ONLY, 9],
  zstd: [1, 22],
  snappy: [0, 0],
  'x-snappy-framed': [0, 0],
  lz4: [0, 0],
  none: [HUFFMAN_ONLY, 22],
  '': [HUFFMAN_ONLY, 22],
}

/** What is wrong with the level, in the Collector's words. */
export function levelFault(compression: Compression, level: number): string | undefined {
  const [min, max] = LEVELS[compression]
  if (level === 0 || (level >= min && level <= max)) return undefined
  const allowed = max === 0 ? 'it has no levels' : `allowed is ${min} to ${max}`
  return `unsupported parameters {Level:${level}} for compression type "${compression}": ${allowed}`
}

/** `contentEncoding` is undefined where nothing is compressed; all but snappy and lz4 work on a thread of the pool. */
export function compressor(compression: Compression, level: number) {
  if (compression === 'none' || compression === '') return undefined
  const compress = compressors[compression]
  return {
    contentEncoding: compression,
    compress: (pieces: Pieces): Promise<Buffer> =>
      joined(pieces, (bytes) => compress(bytes, level)),
  }
}
