import { defineExtension } from '../../pipeline/component.ts'
import { schema } from '../../pipeline/memory_limit/config.ts'
import { watchOf } from '../../pipeline/memory_limit/watch_of.ts'

/** Watches the memory as the processor does, and collects garbage; data is refused by the processor alone. */
export const memoryLimiterExtension = defineExtension({
  type: 'memory_limiter',
  stability: { extension: 'alpha' },
  schema,
  create(ctx, config) {
    const watch = watchOf(ctx, config)
    let isStarted = false
    return {
      start() {
        if (!isStarted) watch.start()
        isStarted = true
        ctx.log.warn(
          'The memory_limiter extension refuses nothing by itself: put the processor of that name first in each pipeline.',
        )
        return Promise.resolve()
      },
      shutdown() {
        if (isStarted) watch.stop()
        isStarted = false
        return Promise.resolve()
      },
    }
  },
})
