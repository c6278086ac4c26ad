/** What a request says of the span that it comes from. */
export interface RemoteParent {
  /** 32 lowercase hex digits. */
  readonly traceId: string
  /** 16 lowercase hex digits. */
  readonly spanId: string
  /** Trace flags: sampled, random. */
  readonly flags: number
  readonly traceState: string
}

export const FLAG_SAMPLED = 0x01
export const FLAG_RANDOM = 0x02

/** True when `text` at `[start, end)` is lowercase hex and not all zeros. */
export function isId(text: string, start: number, end: number): boolean {
  let any = false
  for (let i = start; i < end; i++) {
    const digit = lowerHexDigit(text.charCodeAt(i))
    if (digit < 0) return false
    if (digit > 0) any = true
  }
  return any
}

/** The value of a lowercase hex digit, or -1. */
export function lowerHexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1
}
