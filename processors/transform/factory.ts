import { type Context, defineProcessor } from '../../pipeline/component.ts'
import type { OttlSignal } from '../../pipeline/ottl/contexts.ts'
import { walkLogs, walkMetrics, walkTraces } from '../../pipeline/ottl/walk.ts'
import { compileGroups, schema, type TransformConfig } from './config.ts'
import { processor, resourceStep, stepOf } from './transform.ts'

const KEYS = {
  traces: 'trace_statements',
  metrics: 'metric_statements',
  logs: 'log_statements',
} as const satisfies Readonly<Record<OttlSignal, keyof TransformConfig>>

const groupsOf = (signal: OttlSignal, config: TransformConfig) =>
  compileGroups(signal, config[KEYS[signal]], config.error_mode)

const forProfiles = (ctx: Context, { profile_statements, error_mode }: TransformConfig) =>
  compileGroups('traces', profile_statements, error_mode).map((group) => resourceStep(ctx, group))

/** Changes telemetry by statements of the OpenTelemetry Transformation Language. */
export const transform = defineProcessor({
  type: 'transform',
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta', profiles: 'alpha' },
  access: 'items',
  schema,
  create: {
    traces: (ctx, config, next) =>
      processor(
        groupsOf('traces', config).map((group) => stepOf(ctx, group, walkTraces)),
        next,
      ),
    metrics: (ctx, config, next) =>
      processor(
        groupsOf('metrics', config).map((group) => stepOf(ctx, group, walkMetrics)),
        next,
      ),
    logs: (ctx, config, next) =>
      processor(
        groupsOf('logs', config).map((group) => stepOf(ctx, group, walkLogs)),
        next,
      ),
    profiles: (ctx, config, next) => processor(forProfiles(ctx, config), next),
  },
})
