import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import zlib from 'node:zlib'

/** A body that is not taken. `message` is for the sender. */
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

/** What `content-encoding` may be, '' for none. */
export const CONTENT_ENCODINGS = ['', 'gzip', 'zstd', 'zlib', 'deflate'] as const
export type ContentEncoding = (typeof CONTENT_ENCODINGS)[number]

const decompressors: Record<Exclude<ContentEncoding, ''>, Decompress> = {
  gzip: (bytes, maxOutputLength) => gunzip(bytes, { maxOutputLength }),
  zstd: (bytes, maxOutputLength) => unzstd(bytes, { maxOutputLength }),
  zlib: (bytes, maxOutputLength) => inflate(bytes, { maxOutputLength }),
  deflate: (bytes, maxOutputLength) => inflate(bytes, { maxOutputLength }),
}

const tooLarge = (maxBytes: number) =>
  new BodyError('TOO_LARGE', `request body too large: allowed are ${maxBytes} bytes`)

/** The body, decompressed, in memory that it owns. `maxBytes` holds before and after. Rejects with `BodyError`. */
export async function readBody(
  request: IncomingMessage,
  encoding: ContentEncoding,
  maxBytes: number,
): Promise<Buffer> {
  const bytes = await collect(request, maxBytes)
  if (encoding === '' || bytes.length === 0) return bytes
  try {
    return await decompressors[encoding](bytes, maxBytes)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes)
    throw new BodyError('CORRUPT', `request body is no ${encoding}: ${(cause as Error).message}`, {
      cause,
    })
  }
}

function collect(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    return Promise.reject(tooLarge(maxBytes))
  }
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let length = 0
    request.on('data', (part: Buffer) => {
      length += part.length
      if (length > maxBytes) {
        request.pause()
        reject(tooLarge(maxBytes))
      } else parts.push(part)
    })
    request.on('end', () => resolve(owned(parts, length)))
    request.on('error', (cause) => reject(new BodyError('ABORTED', 'request was cut', { cause })))
  })
}

/** A copy: the parts lie in buffers of the socket, which would be kept as a whole. */
function owned(parts: readonly Buffer[], length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length)
  let at = 0
  for (const part of parts) at += part.copy(bytes, at)
  return bytes
}
