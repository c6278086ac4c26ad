import { bool, enumOf, type Infer, int, list, object } from '../../config/fields.ts'
import { defineExporter } from '../../pipeline/component.ts'
import { openOutput } from '../../pipeline/output.ts'
import { DebugExporter, views } from './debug.ts'

const notHere = (found: string) =>
  `output_paths takes "stdout" and "stderr", got "${found}"; the file exporter writes files`

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
    .describe("Whether it goes to weir's own log; otherwise to output_paths."),
  output_paths: list(enumOf(['stdout', 'stderr'], notHere))
    .default([])
    .describe('Where it goes without the internal logger: stdout, if nothing is said, or stderr.'),
}).check(
  ({ use_internal_logger, output_paths }) =>
    use_internal_logger &&
    output_paths.length > 0 &&
    'output_paths is not supported when use_internal_logger is true',
  'output_paths',
)

export type DebugConfig = Infer<typeof schema>

const open = ({ output_paths }: DebugConfig) => {
  const descriptor = output_paths.includes('stderr') ? 2 : 1
  return () => openOutput(descriptor)
}

/** Shows what arrives, for a person to read. */
export const debug = defineExporter({
  type: 'debug',
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta', profiles: 'alpha' },
  access: 'items',
  schema,
  create: {
    traces: (ctx, config) => new DebugExporter(ctx, config, 'traces', views.traces, open(config)),
    metrics: (ctx, config) =>
      new DebugExporter(ctx, config, 'metrics', views.metrics, open(config)),
    logs: (ctx, config) => new DebugExporter(ctx, config, 'logs', views.logs, open(config)),
    profiles: (ctx, config) =>
      new DebugExporter(
        ctx,
        { ...config, verbosity: 'basic' },
        'profiles',
        views.profiles,
        open(config),
      ),
  },
})
