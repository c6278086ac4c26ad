import { FLAG_RANDOM, FLAG_SAMPLED, isId, lowerHexDigit } from './parent.ts'

/** What the one `traceparent` header says. */
export interface Traceparent {
  readonly traceId: string
  readonly spanId: string
  readonly flags: number
}

const LENGTH = 55
const DASH = 0x2d

/**
 * Reads a traceparent, or returns undefined if any rule is broken.
 *
 *     version(2) "-" trace-id(32) "-" parent-id(16) "-" flags(2)      of version 00, and nothing more
 *     the same, or followed by "-" and anything                       of a later version; ff is none
 *
 * Flags that the specification does not know are not passed on.
 * Source: https://www.w3.org/TR/trace-context-2/#traceparent-header
 */
export function parseTraceparent(text: string): Traceparent | undefined {
  if (text.length < LENGTH) return undefined
  const version = octet(text, 0)
  if (version < 0 || version === 0xff) return undefined
  if (version === 0 && text.length !== LENGTH) return undefined
  if (text.length > LENGTH && text.charCodeAt(LENGTH) !== DASH) return undefined
  if (text.charCodeAt(2) !== DASH || text.charCodeAt(35) !== DASH || text.charCodeAt(52) !== DASH) {
    return undefined
  }
  if (!isId(text, 3, 35) || !isId(text, 36, 52)) return undefined
  const flags = octet(text, 53)
  if (flags < 0) return undefined
  return {
    traceId: text.slice(3, 35),
    spanId: text.slice(36, 52),
    flags: flags & (FLAG_SAMPLED | FLAG_RANDOM),
  }
}

function octet(text: string, at: number): number {
  const high = lowerHexDigit(text.charCodeAt(at))
  const low = lowerHexDigit(text.charCodeAt(at + 1))
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

/** Where the ids lie in a traceparent. */
export const TRACE_ID_AT = 3
export const PARENT_ID_AT = 36

/** The flags of the traceparent in `[start, end)`; 0 when it is void, or of another version, which `parseTraceparent` reads. */
export function flagsIn(bytes: Uint8Array, start: number, end: number): number {
  if (end - start !== LENGTH || bytes[start] !== ZERO || bytes[start + 1] !== ZERO) return 0
  if (bytes[start + 2] !== DASH || bytes[start + 35] !== DASH || bytes[start + 52] !== DASH) {
    return 0
  }
  if (!isIdIn(bytes, start + TRACE_ID_AT, start + 35)) return 0
  if (!isIdIn(bytes, start + PARENT_ID_AT, start + 52)) return 0
  const high = lowerHexDigit(bytes[start + 53] as number)
  const low = lowerHexDigit(bytes[start + 54] as number)
  return high < 0 || low < 0 ? 0 : low & (FLAG_SAMPLED | FLAG_RANDOM)
}

const ZERO = 0x30

function isIdIn(bytes: Uint8Array, start: number, end: number): boolean {
  let any = 0
  for (let i = start; i < end; i++) {
    const digit = lowerHexDigit(bytes[i] as number)
    if (digit < 0) return false
    any |= digit
  }
  return any !== 0
}
