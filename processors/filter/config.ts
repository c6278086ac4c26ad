import { either, enumOf, type Infer, list, object, text } from '../../config/fields.ts'
import type { ContextName, OttlSignal } from '../../pipeline/ottl/contexts.ts'
import { ERROR_MODES } from '../../pipeline/ottl/run.ts'
import { faultOf } from './conditions.ts'
import { logFields, metricFields, spanFields } from './legacy.ts'

const errorMode = () => enumOf(ERROR_MODES, (found) => `unknown error mode ${found}`)

const conditions = (what: string) =>
  list(text()).describe(`${what} for which one of these is true is dropped.`)

const group = object({
  context: text()
    .default('')
    .describe('What the conditions are for; found out from their paths if it is left out.'),
  error_mode: errorMode().optional().describe('Of this group alone.'),
  conditions: list(text()).describe('What one of these is true of is dropped.'),
})

const groups = (signal: OttlSignal, what: string) =>
  list(either(text(), group))
    .describe(
      `${what}: OTTL conditions, or groups of them. What one of them is true of is dropped.`,
    )
    .check((listed) => faultOf(signal, listed))

export const schema = object({
  error_mode: errorMode()
    .default('ignore')
    .describe(
      'When a condition fails: ignore logs and takes it for false, silent does not log, propagate gives the batch up.',
    ),
  traces: object({
    resource: conditions('A resource'),
    span: conditions('A span'),
    spanevent: conditions('A span event'),
  })
    .describe('Conditions by context.')
    .check(({ resource, span, spanevent }) =>
      contextFault('traces', { resource, span, spanevent }),
    ),
  metrics: object({
    resource: conditions('A resource'),
    metric: conditions('A metric'),
    datapoint: conditions('A data point'),
    ...metricFields,
  })
    .describe('Conditions by context.')
    .check(({ resource, metric, datapoint }) =>
      contextFault('metrics', { resource, metric, datapoint }),
    )
    .check(
      ({ resource, metric, datapoint, include, exclude }) =>
        (include ?? exclude) !== undefined &&
        resource.length + metric.length + datapoint.length > 0 &&
        'cannot use ottl conditions and include/exclude for metrics at the same time',
    ),
  logs: object({
    resource: conditions('A resource'),
    log_record: conditions('A log record'),
    ...logFields,
  })
    .describe('Conditions by context.')
    .check(({ resource, log_record }) => contextFault('logs', { resource, log: log_record }))
    .check(
      ({ resource, log_record, include, exclude }) =>
        (include ?? exclude) !== undefined &&
        resource.length + log_record.length > 0 &&
        'cannot use ottl conditions and include/exclude for logs at the same time',
    ),
  spans: object(spanFields).describe('The old way of traces.'),
  profiles: object({
    resource: conditions('A resource'),
    profile: conditions('A profile'),
  })
    .describe('Conditions by context. Of a profile its resource alone is decoded.')
    .check(({ resource, profile }) =>
      faultOf('traces', [
        { context: 'resource', error_mode: undefined, conditions: [...resource, ...profile] },
      ]),
    ),
  trace_conditions: groups('traces', 'Of traces'),
  metric_conditions: groups('metrics', 'Of metrics'),
  log_conditions: groups('logs', 'Of logs'),
  profile_conditions: list(text())
    .describe('Of profiles: OTTL conditions on their resources.')
    .check((listed) =>
      faultOf('traces', [{ context: 'resource', error_mode: undefined, conditions: listed }]),
    ),
})
  .check(exclusive('traces', 'trace_conditions', ({ traces }) => Object.values(traces)))
  .check(
    exclusive('metrics', 'metric_conditions', ({ metrics }) => [
      metrics.resource,
      metrics.metric,
      metrics.datapoint,
    ]),
  )
  .check(exclusive('logs', 'log_conditions', ({ logs }) => [logs.resource, logs.log_record]))

export type FilterConfig = Infer<typeof schema>

interface Lists {
  readonly [key: string]: unknown
}

/** The old and the new way of one signal exclude each other. */
function exclusive<C extends Lists>(
  old: string,
  key: string,
  lists: (config: C) => readonly (readonly string[])[],
) {
  return (config: C) =>
    (config[key] as readonly unknown[]).length > 0 &&
    lists(config).some((one) => one.length > 0) &&
    `${key} and ${old} cannot be used together`
}

const contextFault = (
  signal: OttlSignal,
  lists: { readonly [C in ContextName]?: readonly string[] },
): string | undefined =>
  faultOf(
    signal,
    Object.entries(lists).map(([context, listed]) => ({
      context,
      error_mode: undefined,
      conditions: listed,
    })),
  )
