import { logsFields } from '../pipeline/telemetry/logs_fields.ts'
import { metricsFields } from '../pipeline/telemetry/metrics_fields.ts'
import { tracesFields } from '../pipeline/telemetry/traces_fields.ts'
import { ComponentIdSchema } from './component_id.ts'
import { list, object } from './fields.ts'
import type { Infer } from './schema.ts'
import { ResourceSchema } from './telemetry_resource.ts'

const id = () => new ComponentIdSchema()

/** `service::pipelines::<id>`. */
export const pipelineSchema = object({
  receivers: list(id()).describe('Where data comes from, at least one.'),
  processors: list(id()).describe('What data passes, in this order.'),
  exporters: list(id()).describe('Where data goes, at least one.'),
})

/** `service::extensions`. */
export const extensionsSchema = list(id()).describe('Extensions to start, in this order.')

/** `service::telemetry`. */
export const telemetrySchema = object({
  logs: logsFields,
  metrics: metricsFields,
  traces: tracesFields,
  resource: new ResourceSchema().describe(
    'Attributes of own telemetry: a map in which null takes one away, or `attributes`, a list of name, value and type.',
  ),
})

export type TelemetryConfig = Infer<typeof telemetrySchema>
