import type { IncomingMessage } from 'node:http'
import { BodyError, type ContentEncoding, decompress, tooLarge } from './decompress.ts'

/**
 * The body, decompressed, in memory that it owns. `maxBytes` holds before and after. `admit` hears of each size that it grows to,
 * and may throw. Rejects with that, or with `BodyError`.
 */
export async function readBody(
  request: IncomingMessage,
  encoding: ContentEncoding,
  maxBytes: number,
  admit: (bytes: number) => void,
): Promise<Buffer> {
  const bytes = await collect(request, maxBytes, admit)
  return encoding === '' || bytes.length === 0 ? bytes : decompress(bytes, encoding, maxBytes)
}

function collect(
  request: IncomingMessage,
  maxBytes: number,
  admit: (bytes: number) => void,
): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    return Promise.reject(tooLarge(maxBytes))
  }
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let length = 0
    request.on('data', (part: Buffer) => {
      length += part.length
      try {
        if (length > maxBytes) throw tooLarge(maxBytes)
        admit(length)
        parts.push(part)
      } catch (refusal) {
        request.pause()
        reject(refusal as Error)
      }
    })
    request.on('end', () => resolve(owned(parts, length)))
    request.on('error', (cause) => reject(new BodyError('ABORTED', 'request was cut', { cause })))
  })
}

/** A copy: the parts lie in buffers of the socket, which would be kept as a whole. */
function owned(parts: readonly Uint8Array[], length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
