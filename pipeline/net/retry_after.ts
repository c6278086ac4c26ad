/**
 * Milliseconds that a `Retry-After` header asks to wait: seconds, or a date. Undefined if there is none
 * that can be read. `nowMs` is wall time. Source: RFC 9110, 10.2.3
 */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}
