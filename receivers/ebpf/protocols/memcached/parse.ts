import type { Direction, ParsedFrame, ParseResult } from '../../protocol.ts'
import { MAGIC, parseRequest, parseResponse } from './binary.ts'
import type { MemcachedFrame } from './frames.ts'
import { parseCommand, parseKeys, parseReply } from './text.ts'

/** A message of either protocol, which its first byte tells apart. `open`: inside of a line of keys. */
export function parseFrame(
  direction: Direction,
  open: boolean,
  bytes: Buffer,
): ParseResult<MemcachedFrame> {
  const isBinary = bytes[0] === MAGIC[direction]
  if (direction === 'response') return isBinary ? parseResponse(bytes) : parseReply(bytes)
  if (open) return parseKeys(bytes)
  return isBinary ? parseRequest(bytes) : parseCommand(bytes)
}

/** What to take instead of bytes that were not captured, where only the line END can stand. */
export const END: { readonly otherwise: ParsedFrame<MemcachedFrame> } = {
  otherwise: {
    kind: 'frame',
    bytes: 5,
    frame: {
      kind: 'reply',
      word: 'END',
      binary: false,
      token: '',
      found: false,
      error: '',
      more: false,
    },
  },
}
