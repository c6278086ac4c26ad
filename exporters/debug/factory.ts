import { bool, enumOf, type Infer, int, object } from '../../config/fields.ts'
import { defineExporter } from '../../pipeline/component.ts'
import { openStdout } from '../../pipeline/output.ts'
import { DebugExporter, views } from './debug.ts'

const schema = object({
  verbosity: enumOf(['basic', 'normal', 'detailed'])
    .default('basic')
    .describe('basic: counts of each batch; normal: a line for each item; detailed: everything.'),
  sampling_initial: int()
    .min(0)
    .default(2)
    .describe('Messages of each second that are shown first.'),
  sampling_thereafter: int()
    .min(0)
    .default(1)
    .describe('Then every how many-th is shown; 1 is each, 0 none.'),
  use_internal_logger: bool()
    .default(true)
    .describe("Whether it goes to weir's own log; otherwise to standard output."),
})

export type DebugConfig = Infer<typeof schema>

/** Shows what arrives, for a person to read. */
export const debug = defineExporter({
  type: 'debug',
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta', profiles: 'alpha' },
  access: 'items',
  schema,
  create: {
    traces: (ctx, config) => new DebugExporter(ctx, config, 'traces', views.traces, openStdout),
    metrics: (ctx, config) => new DebugExporter(ctx, config, 'metrics', views.metrics, openStdout),
    logs: (ctx, config) => new DebugExporter(ctx, config, 'logs', views.logs, openStdout),
    profiles: (ctx, config) =>
      new DebugExporter(
        ctx,
        { ...config, verbosity: 'basic' },
        'profiles',
        views.profiles,
        openStdout,
      ),
  },
})
