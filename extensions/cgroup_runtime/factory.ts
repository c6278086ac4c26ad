import { bool, duration, float, object } from '../../config/fields.ts'
import { defineExtension, stateless } from '../../pipeline/component.ts'

const schema = object({
  gomaxprocs: object({
    enabled: bool().default(true).describe('No effect: weir computes in one thread.'),
  }).describe('Of a Go program.'),
  gomemlimit: object({
    enabled: bool().default(true).describe('No effect: memory_limiter reads the cgroup itself.'),
    ratio: float()
      .default(0.9)
      .check(
        (ratio) => (ratio <= 0 || ratio > 1) && 'gomemlimit ratio must be in the (0.0,1.0] range',
      )
      .describe('No effect.'),
    refresh_interval: duration().min(0).default(0).describe('No effect.'),
  }).describe('Of a Go program.'),
})

/** Sets limits of Go's runtime in the Collector. Accepted, so that its configurations start; weir has no such runtime. */
export const cgroupRuntime = defineExtension({
  type: 'cgroup_runtime',
  stability: { extension: 'alpha' },
  schema,
  create: (ctx) => ({
    ...stateless,
    start() {
      ctx.log.info(
        "cgroup_runtime changes nothing: it is for Go's runtime; memory_limiter knows the cgroup's limit.",
      )
      return Promise.resolve()
    },
  }),
})
