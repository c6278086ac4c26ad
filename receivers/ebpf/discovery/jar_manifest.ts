import { inflateRawSync } from 'node:zlib'
import type { ReadAt } from './target_files.ts'

const END_BYTES = 22
const COMMENT_MAX = 1024 // bytes; archives of programs have none
const DIRECTORY_MAX = 1 << 20 // bytes; the manifest is among the first entries
const ENTRY_BYTES = 46
const LOCAL_BYTES = 30
const MANIFEST_MAX = 64 << 10 // bytes, packed
const NAME = 'META-INF/MANIFEST.MF'
const END_SIGNATURE = Buffer.from('PK\x05\x06', 'latin1')
const DEFLATED = 8

/**
 * Main attributes of a JAR's manifest; undefined when the file is no ZIP archive or has none.
 * Sources: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT 4.3,
 * https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html
 */
export function readManifest(read: ReadAt, bytes: number): ReadonlyMap<string, string> | undefined {
  const from = Math.max(bytes - END_BYTES - COMMENT_MAX, 0)
  const last = read(from, bytes - from)
  const end = last.lastIndexOf(END_SIGNATURE)
  if (end < 0 || end + END_BYTES > last.length) return undefined
  const size = Math.min(last.readUInt32LE(end + 12), DIRECTORY_MAX)
  const entry = findEntry(read(last.readUInt32LE(end + 16), size))
  return entry === undefined ? undefined : parseManifest(contentOf(read, entry))
}

interface Entry {
  readonly method: number
  readonly bytes: number
  readonly at: number
}

function findEntry(directory: Buffer): Entry | undefined {
  for (let at = 0; at + ENTRY_BYTES <= directory.length; ) {
    const nameBytes = directory.readUInt16LE(at + 28)
    const name = directory.toString('latin1', at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes)
    if (name === NAME) {
      return {
        method: directory.readUInt16LE(at + 10),
        bytes: Math.min(directory.readUInt32LE(at + 20), MANIFEST_MAX),
        at: directory.readUInt32LE(at + 42),
      }
    }
    const extra = directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
    at += ENTRY_BYTES + nameBytes + extra
  }
  return undefined
}

function contentOf(read: ReadAt, { method, bytes, at }: Entry): string {
  const local = read(at, LOCAL_BYTES)
  if (local.length < LOCAL_BYTES) return ''
  const packed = read(at + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28), bytes)
  return method === DEFLATED
    ? inflateRawSync(packed, { maxOutputLength: MANIFEST_MAX }).toString()
    : packed.toString()
}

/** Lines up to the first empty one; a line that begins with a space goes on with the one before. */
function parseManifest(text: string): ReadonlyMap<string, string> {
  const [main = ''] = text.replace(/\r\n?/g, '\n').split('\n\n')
  const lines = main.replace(/\n /g, '').split('\n')
  return new Map(
    lines.flatMap((line) => {
      const [, key = '', value = ''] = /^([\w-]+): ?(.*)$/.exec(line) ?? []
      return key === '' ? [] : [[key, value] as const]
    }),
  )
}
