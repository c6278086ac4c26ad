import type { Infer } from '../../config/fields.ts'
import { fnv64 } from '../../pipeline/hash/fnv.ts'
import type { CompositeConfig, sections } from './config.ts'
import { type Policy, stateful, stateless, type TraceView } from './policy.ts'
import { isAtMost, shareOf } from './share.ts'

type Settings<K extends keyof typeof sections> = Infer<(typeof sections)[K]>

const DEFAULT_SALT = 'default-hash-seed'

export function probabilistic(settings: Settings<'probabilistic'>): Policy {
  const salted = fnv64(Buffer.from(settings.hash_salt || DEFAULT_SALT))
  const share = shareOf(settings.sampling_percentage / 100)
  return stateless(({ id }) => isAtMost(fnv64(Buffer.from(id, 'hex'), salted), share))
}

const BURST = 2 // of the rate

/** Full at first; fills by `perSecond` up to `burst`. */
function tokenBucket(perSecond: number, burst: number) {
  let tokens = burst
  let filledAt: number | undefined
  return (n: number, now: number): boolean => {
    const seconds = Math.max(0, now - (filledAt ?? now)) / 1000
    tokens = Math.min(burst, tokens + seconds * perSecond)
    filledAt = now
    if (n > tokens) return false
    tokens -= n
    return true
  }
}

export function rateLimiting({
  spans_per_second: rate,
  burst_capacity: burst,
}: Settings<'rate_limiting'>) {
  const take = tokenBucket(rate, burst || BURST * rate)
  return stateful(({ spanCount, now }) => take(spanCount, now))
}

export function bytesLimiting({
  bytes_per_second: rate,
  burst_capacity: burst,
}: Settings<'bytes_limiting'>) {
  const take = tokenBucket(rate, burst || BURST * rate)
  return stateful(({ bytes, now }) => take(bytes, now))
}

interface Part {
  readonly policy: Policy
  /** Spans in a second. */
  readonly allocated: number
  taken: number
}

/** The first part that matches decides, as long as its share of this second lasts. */
export function composite(config: CompositeConfig, policies: readonly Policy[]): Policy {
  const { max_total_spans_per_second: total } = config
  const parts = policies.map(
    (policy, i): Part => ({ policy, allocated: allocationOf(config, i), taken: 0 }),
  )
  let second = Number.NaN
  const matches = (trace: TraceView): boolean => {
    const now = Math.floor(trace.now / 1000)
    if (now !== second) for (const part of parts) part.taken = 0
    second = now
    const part = parts.find(({ policy }) => policy.evaluate(trace) === 'sampled')
    if (part === undefined) return false
    const taken = part.taken + trace.spanCount
    if (taken > part.allocated || taken > total) return false
    part.taken = taken
    return true
  }
  return { ...stateless(matches), stateful: policies.some((policy) => policy.stateful) }
}

function allocationOf(config: CompositeConfig, index: number): number {
  const { max_total_spans_per_second: total, composite_sub_policy: parts } = config
  const name = parts[index]?.name
  const percent = config.rate_allocation.findLast(({ policy }) => policy === name)?.percent ?? 0
  return Math.trunc(percent > 0 ? (percent / 100) * total : total / parts.length)
}
