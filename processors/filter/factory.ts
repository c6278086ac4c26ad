import { type Context, defineProcessor } from '../../pipeline/component.ts'
import type { ProfileBatch } from '../../pipeline/data/profiles.ts'
import type { ContextName, OttlSignal } from '../../pipeline/ottl/contexts.ts'
import type { Test } from '../../pipeline/ottl/frame.ts'
import { walkLogs, walkMetrics, walkTraces } from '../../pipeline/ottl/walk.ts'
import { compileDrops, type Listed } from './conditions.ts'
import { type FilterConfig, schema } from './config.ts'
import { type DropTest, processor, resourceStep, stepOf, testOf } from './filter.ts'
import { dropsMetric, dropsRecord, dropsSpan } from './legacy.ts'

const group = (context: string, conditions: readonly string[]) => ({
  context,
  error_mode: undefined,
  conditions,
})

/** The conditions of one signal, in the old and the new form. */
function listedOf(signal: OttlSignal, config: FilterConfig): Listed {
  switch (signal) {
    case 'traces': {
      const { resource, span, spanevent } = config.traces
      const old = [group('resource', resource), group('span', span), group('spanevent', spanevent)]
      return config.trace_conditions.length > 0 ? config.trace_conditions : old
    }
    case 'metrics': {
      const { resource, metric, datapoint } = config.metrics
      const old = [
        group('resource', resource),
        group('metric', metric),
        group('datapoint', datapoint),
      ]
      return config.metric_conditions.length > 0 ? config.metric_conditions : old
    }
    case 'logs': {
      const { resource, log_record } = config.logs
      const old = [group('resource', resource), group('log', log_record)]
      return config.log_conditions.length > 0 ? config.log_conditions : old
    }
  }
}

/** Of include and exclude first. */
function testsOf(
  ctx: Context,
  signal: OttlSignal,
  config: FilterConfig,
  legacy: readonly [context: ContextName, drops: Test | undefined],
): readonly DropTest[] {
  const [context, drops] = legacy
  const drop = compileDrops(signal, listedOf(signal, config), config.error_mode)
  return [...(drops ? [{ context, drops }] : []), ...drop.map((one) => testOf(ctx, one))]
}

function profileTests(ctx: Context, config: FilterConfig): readonly DropTest[] {
  const { resource, profile } = config.profiles
  const conditions = [...resource, ...profile, ...config.profile_conditions]
  const drops = compileDrops('traces', [group('resource', conditions)], config.error_mode)
  return drops.map((one) => testOf(ctx, one))
}

/** Drops what a condition of the OpenTelemetry Transformation Language is true of. */
export const filter = defineProcessor({
  type: 'filter',
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta', profiles: 'alpha' },
  access: 'items',
  schema,
  create: {
    traces(ctx, config, next) {
      const tests = testsOf(ctx, 'traces', config, ['span', dropsSpan(config.spans)])
      const steps = tests.map((test) => stepOf(test, walkTraces))
      return processor(ctx, 'spans', steps, next)
    },
    metrics(ctx, config, next) {
      const tests = testsOf(ctx, 'metrics', config, ['metric', dropsMetric(config.metrics)])
      const steps = tests.map((test) => stepOf(test, walkMetrics))
      return processor(ctx, 'datapoints', steps, next)
    },
    logs(ctx, config, next) {
      const tests = testsOf(ctx, 'logs', config, ['log', dropsRecord(config.logs)])
      const steps = tests.map((test) => stepOf(test, walkLogs))
      return processor(ctx, 'logs', steps, next)
    },
    profiles(ctx, config, next) {
      const steps = profileTests(ctx, config).map((test) => resourceStep<ProfileBatch>(test))
      return processor(ctx, 'profiles', steps, next)
    },
  },
})
