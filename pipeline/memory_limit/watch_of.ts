import type { Context } from '../component.ts'
import { collectGarbage, GcInterval } from './collector.ts'
import type { MemoryLimiterConfig } from './config.ts'
import { totalMemory } from './memory.ts'
import { MemoryWatch } from './watch.ts'

const MIB = 1 << 20

/** Hard and soft limit in bytes. */
function limitsOf(config: MemoryLimiterConfig) {
  const share = (percent: number) => (totalMemory() * percent) / 100
  const inMib = config.limit_mib > 0
  const hard = inMib ? config.limit_mib * MIB : share(config.limit_percentage)
  const spike = inMib ? config.spike_limit_mib * MIB : share(config.spike_limit_percentage)
  return { hard, soft: hard - (spike === 0 ? hard / 5 : spike) }
}

/** The limiters of one id are made from one and the same configuration object. */
const watches = new WeakMap<MemoryLimiterConfig, MemoryWatch>()

/** The one watch of these settings. */
export function watchOf(ctx: Context, config: MemoryLimiterConfig): MemoryWatch {
  const known = watches.get(config)
  if (known !== undefined) return known
  const checkMs = config.check_interval
  const watch = new MemoryWatch(ctx, {
    intervalMs: checkMs,
    limits: limitsOf(config),
    soft: new GcInterval({
      minMs: config.min_gc_interval_when_soft_limited,
      maxMs: config.max_gc_interval_when_soft_limited,
      checkMs,
    }),
    hard: new GcInterval({
      minMs: config.min_gc_interval_when_hard_limited,
      maxMs: config.max_gc_interval_when_hard_limited,
      checkMs,
    }),
    usage: () => process.memoryUsage.rss(),
    collect: collectGarbage,
  })
  watches.set(config, watch)
  return watch
}
