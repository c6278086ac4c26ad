import { defineProcessor } from '../../pipeline/component.ts'
import { schema } from '../../pipeline/memory_limit/config.ts'
import { watchOf } from '../../pipeline/memory_limit/watch_of.ts'
import { MemoryLimiter } from './memory_limiter.ts'

/** Refuses data while the process uses more memory than it should. */
export const memoryLimiter = defineProcessor({
  type: 'memory_limiter',
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta', profiles: 'alpha' },
  access: 'opaque',
  schema,
  create: {
    traces: (ctx, config, next) => new MemoryLimiter(ctx, 'traces', watchOf(ctx, config), next),
    metrics: (ctx, config, next) => new MemoryLimiter(ctx, 'metrics', watchOf(ctx, config), next),
    logs: (ctx, config, next) => new MemoryLimiter(ctx, 'logs', watchOf(ctx, config), next),
    profiles: (ctx, config, next) => new MemoryLimiter(ctx, 'profiles', watchOf(ctx, config), next),
  },
})
