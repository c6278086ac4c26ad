const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // U+00B5
  μs: 1e-3, // U+03BC
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

export const NS_PER_MS = 1e6

/**
 * Milliseconds of a Go duration as `1h30m` or `-1.5s`, or the words in which Go refuses it.
 * Source: https://pkg.go.dev/time#ParseDuration
 */
export function parseDuration(text: string): number | { readonly error: string } {
  const quoted = JSON.stringify(text)
  const bad = { error: `time: invalid duration ${quoted}` }
  const sign = text.startsWith('-') ? -1 : 1
  let rest = text.replace(/^[-+]/, '')
  if (rest === '0') return 0
  if (rest === '') return bad
  let ms = 0
  while (rest !== '') {
    const amount = /^(\d+\.?\d*|\.\d+)/.exec(rest)?.[0]
    if (amount === undefined) return bad
    rest = rest.slice(amount.length)
    const unit = /^[^\d.]*/.exec(rest)?.[0] ?? ''
    if (unit === '') return { error: `time: missing unit in duration ${quoted}` }
    const factor = Object.hasOwn(UNIT_MS, unit) ? UNIT_MS[unit] : undefined
    if (factor === undefined) {
      return { error: `time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}` }
    }
    rest = rest.slice(unit.length)
    ms += Number(amount) * factor
  }
  return sign * ms
}

/** A duration as Go would print it, short: `1.5s`, `2m0s` is `2m`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  for (const unit of ['h', 'm', 's', 'ms', 'us'] as const) {
    const amount = ms / (UNIT_MS[unit] ?? 1)
    if (Math.abs(amount) >= 1 && Number.isInteger(amount * 1000)) return `${amount}${unit}`
  }
  return `${Math.round(ms * NS_PER_MS)}ns`
}
