import { metricsFields } from '../pipeline/telemetry/metrics_fields.ts'
import { ComponentIdSchema } from './component_id.ts'
import { enumOf, list, map, object, text } from './fields.ts'
import type { Infer } from './schema.ts'
import { ResourceSchema } from './telemetry_resource.ts'
import { UnsupportedSchema } from './unsupported.ts'

const id = () => new ComponentIdSchema()

/** `service::pipelines::<id>`. */
export const pipelineSchema = object({
  receivers: list(id()).describe('Where data comes from, at least one.'),
  processors: list(id()).describe('What data passes, in this order.'),
  exporters: list(id()).describe('Where data goes, at least one.'),
})

/** `service::extensions`. */
export const extensionsSchema = list(id()).describe('Extensions to start, in this order.')

const LEVELS = ['debug', 'info', 'warn', 'error'] as const

const logs = object({
  level: enumOf(LEVELS, (found) => `unrecognized level: ${JSON.stringify(found)}`)
    .anyCase()
    .default('info')
    .describe('The least severe messages that are written.'),
  encoding: enumOf(['console', 'json'])
    .default('console')
    .describe(
      '`console`: tabs between time, level, message and fields; `json`: an object per line.',
    ),
  output_paths: list(text())
    .default(['stderr'])
    .check(
      (paths) =>
        (paths.length !== 1 || !/^std(err|out)$/.test(paths[0] ?? '')) &&
        'output_paths takes one of "stderr" and "stdout"; weir writes no log files',
    )
    .describe('`stderr` or `stdout`.'),
  initial_fields: map(text()).describe('Fields on each line.'),
  error_output_paths: new UnsupportedSchema('errors of the logger itself go to stderr'),
  development: new UnsupportedSchema('weir has no development logger'),
  disable_caller: new UnsupportedSchema('lines never name a source file'),
  disable_stacktrace: new UnsupportedSchema('lines never hold a stack trace'),
  sampling: new UnsupportedSchema('every line is written, repeated warnings once a minute'),
  processors: new UnsupportedSchema('weir does not export its own logs yet'),
})

const NO_OWN_TRACES = 'weir does not export its own traces yet'

/** `service::telemetry`. */
export const telemetrySchema = object({
  logs: logs.describe("weir's own log."),
  metrics: metricsFields,
  traces: new UnsupportedSchema(NO_OWN_TRACES),
  resource: new ResourceSchema().describe(
    'Attributes of own telemetry: a map in which null takes one away, or `attributes`, a list of name, value and type.',
  ),
})

export type TelemetryConfig = Infer<typeof telemetrySchema>
