import { duration, type Infer, int, object } from '../../config/fields.ts'

const UINT32 = 0xffffffff

const uint = (most: number) => int().min(0).max(most).default(0)

const longestInterval = (limited: string) =>
  duration()
    .default(30_000)
    .check((ms) => ms < 0 && `'max_gc_interval_when_${limited}' must be non-negative`)
    .describe(
      `Up to which the interval doubles while collections free less than 5 %; 0: it does not.`,
    )

/** What stands under `processors::memory_limiter`. The texts of its checks are the Collector's. */
export const schema = object({
  check_interval: duration().default(0).describe('Between looks at the memory; required.'),
  limit_mib: uint(UINT32).describe('Hard limit of resident memory.'),
  spike_limit_mib: uint(UINT32).describe(
    'The soft limit is so much below the hard one; 0 is a fifth of it.',
  ),
  limit_percentage: uint(100).describe(
    "Hard limit as a share of the cgroup's memory, or the host's; limit_mib wins.",
  ),
  spike_limit_percentage: uint(100).describe(
    'As spike_limit_mib, for limit_percentage; 0 is a fifth of the limit.',
  ),
  min_gc_interval_when_soft_limited: duration()
    .min(0)
    .default(10_000)
    .describe('Least time between garbage collections by force above the soft limit.'),
  min_gc_interval_when_hard_limited: duration()
    .min(0)
    .default(0)
    .describe('The same above the hard limit.'),
  max_gc_interval_when_soft_limited: longestInterval('soft_limited'),
  max_gc_interval_when_hard_limited: longestInterval('hard_limited'),
})
  .check(
    (config) => config.check_interval <= 0 && "'check_interval' must be greater than zero",
    'check_interval',
  )
  .check(
    (config) =>
      config.limit_mib === 0 &&
      config.limit_percentage === 0 &&
      "'limit_mib' or 'limit_percentage' must be greater than zero",
  )
  .check(
    ({ limit_mib: limit, spike_limit_mib: spike }) =>
      limit > 0 && spike >= limit && "'spike_limit_mib' must be smaller than 'limit_mib'",
    'spike_limit_mib',
  )
  .check(
    ({ limit_percentage: limit, spike_limit_percentage: spike }) =>
      limit > 0 &&
      spike >= limit &&
      "'spike_limit_percentage' must be smaller than 'limit_percentage'",
    'spike_limit_percentage',
  )
  .check(
    (config) =>
      config.min_gc_interval_when_soft_limited < config.min_gc_interval_when_hard_limited &&
      "'min_gc_interval_when_soft_limited' should be larger than 'min_gc_interval_when_hard_limited'",
    'min_gc_interval_when_soft_limited',
  )
  .check(
    (config) =>
      bothSet(config.max_gc_interval_when_soft_limited, config.max_gc_interval_when_hard_limited) &&
      config.max_gc_interval_when_soft_limited < config.max_gc_interval_when_hard_limited &&
      "'max_gc_interval_when_soft_limited' should be larger than or equal to 'max_gc_interval_when_hard_limited' (when both are set)",
    'max_gc_interval_when_soft_limited',
  )
  .check(
    (config) =>
      config.max_gc_interval_when_soft_limited > 0 &&
      config.max_gc_interval_when_soft_limited < config.min_gc_interval_when_soft_limited &&
      belowLeast('soft_limited'),
    'max_gc_interval_when_soft_limited',
  )
  .check(
    (config) =>
      config.max_gc_interval_when_hard_limited > 0 &&
      config.max_gc_interval_when_hard_limited < config.min_gc_interval_when_hard_limited &&
      belowLeast('hard_limited'),
    'max_gc_interval_when_hard_limited',
  )

const bothSet = (soft: number, hard: number) => soft > 0 && hard > 0

const belowLeast = (limited: string) =>
  `'max_gc_interval_when_${limited}' must be greater than or equal to 'min_gc_interval_when_${limited}' (or 0 to disable)`

export type MemoryLimiterConfig = Infer<typeof schema>
