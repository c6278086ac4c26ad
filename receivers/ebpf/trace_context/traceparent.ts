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
