import { type Context, defineProcessor } from '../../pipeline/component.ts'
import { type SamplerConfig, schema } from './config.ts'
import { logSampler } from './logs.ts'
import { usesHash } from './modes.ts'
import { traceSampler } from './traces.ts'

/** The Collector accepts these, and says nothing. */
function warnOfIgnored(ctx: Context, config: SamplerConfig, signal: 'traces' | 'logs'): void {
  const hashes = usesHash(config)
  const rows: [name: string, isSet: boolean, isUsed: boolean][] = [
    ['hash_seed', config.hash_seed !== 0, hashes],
    ['from_attribute', config.from_attribute !== '', hashes && signal === 'logs'],
    ['attribute_source', config.attribute_source !== 'traceID', hashes && signal === 'logs'],
    ['sampling_priority', config.sampling_priority !== '', signal === 'logs'],
  ]
  const ignored = rows.filter(([, isSet, isUsed]) => isSet && !isUsed).map(([name]) => name)
  if (ignored.length === 0) return
  const mode = hashes ? 'hash_seed' : config.mode
  ctx.log.warn(`mode ${mode} of ${signal} has no use for ${ignored.join(', ')}`)
}

/** Keeps a share of the spans, whole traces at a time, or of the log records. */
export const probabilisticSampler = defineProcessor({
  type: 'probabilistic_sampler',
  stability: { traces: 'beta', logs: 'alpha' },
  access: 'items',
  schema,
  create: {
    traces: (ctx, config, next) => {
      warnOfIgnored(ctx, config, 'traces')
      return traceSampler(ctx, config, next)
    },
    logs: (ctx, config, next) => {
      warnOfIgnored(ctx, config, 'logs')
      return logSampler(ctx, config, next)
    },
  },
})
