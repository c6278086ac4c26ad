import { duration, type Infer, int, object } from '../../config/fields.ts'
import { defineProcessor } from '../../pipeline/component.ts'
import { totalMemory } from './memory.ts'
import { MemoryLimiter } from './memory_limiter.ts'

const MIB = 1 << 20
const UINT32 = 0xffffffff

const schema = object({
  check_interval: duration().default(0).describe('Between looks at the memory; required.'),
  limit_mib: int().min(0).max(UINT32).default(0).describe('Hard limit of resident memory.'),
  spike_limit_mib: int()
    .min(0)
    .max(UINT32)
    .default(0)
    .describe('The soft limit is so much below the hard one; 0 is a fifth of it.'),
  limit_percentage: int()
    .min(0)
    .max(100)
    .default(0)
    .describe("Hard limit as a share of the cgroup's memory, or the host's; limit_mib wins."),
  spike_limit_percentage: int()
    .min(0)
    .max(100)
    .default(0)
    .describe('As spike_limit_mib, for limit_percentage; 0 is a fifth of the limit.'),
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

type Config = Infer<typeof schema>

/** Hard and soft limit in bytes. */
function limitsOf(config: Config) {
  const share = (percent: number) => (totalMemory() * percent) / 100
  const inMib = config.limit_mib > 0
  const hard = inMib ? config.limit_mib * MIB : share(config.limit_percentage)
  const spike = inMib ? config.spike_limit_mib * MIB : share(config.spike_limit_percentage)
  return { hard, soft: hard - (spike === 0 ? hard / 5 : spike) }
}

const options = (config: Config) => ({
  intervalMs: config.check_interval,
  limits: limitsOf(config),
  usage: () => process.memoryUsage.rss(),
})

/** Refuses data while the process uses more memory than it should. */
export const memoryLimiter = defineProcessor({
  type: 'memory_limiter',
  stability: { traces: 'alpha', metrics: 'alpha', logs: 'alpha' },
  access: 'opaque',
  schema,
  create: {
    traces: (ctx, config, next) => new MemoryLimiter(ctx, 'traces', options(config), next),
    metrics: (ctx, config, next) => new MemoryLimiter(ctx, 'metrics', options(config), next),
    logs: (ctx, config, next) => new MemoryLimiter(ctx, 'logs', options(config), next),
  },
})
