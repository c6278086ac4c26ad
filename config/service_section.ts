import type { PipelineSpec } from '../pipeline/graph_config.ts'
import { parseId } from './component_id.ts'
import { entriesOf } from './component_sections.ts'
import type { Entry } from './expanded.ts'
import type { Issue } from './issue.ts'
import { didYouMean } from './nearest.ts'
import { INVALID, Reader, type Schema } from './schema.ts'
import {
  extensionsSchema,
  pipelineSchema,
  type TelemetryConfig,
  telemetrySchema,
} from './service.ts'

export interface Service {
  readonly extensions: readonly string[]
  readonly pipelines: ReadonlyMap<string, PipelineSpec>
  readonly telemetry: TelemetryConfig
}

const KEYS = ['extensions', 'pipelines', 'telemetry']
const NOTHING: PipelineSpec = { receivers: [], processors: [], exporters: [] }

/** Reads the `service` section, part by part, so that a mistake in one hides none in another. */
export function readService(section: Entry | undefined, issues: Issue[]): Service {
  const path = ['service']
  const entries = entriesOf(section, path, issues)
  for (const [key, { key: origin }] of entries) {
    if (KEYS.includes(key)) continue
    const message = `'service' has invalid keys: ${key}${didYouMean(key, KEYS)}; allowed are ${KEYS.join(', ')}`
    issues.push({ severity: 'error', origin, path, message })
  }
  const read = <T>(key: string, schema: Schema<T>): T | undefined => {
    const entry = entries.get(key)
    const origin = entry?.node.origin ?? section?.key ?? { source: 'config' }
    const value = schema.read(entry?.node, new Reader([...path, key], origin, issues))
    return value === INVALID ? undefined : value
  }
  return {
    extensions: read('extensions', extensionsSchema) ?? [],
    pipelines: readPipelines(entries.get('pipelines'), issues),
    telemetry: read('telemetry', telemetrySchema) ?? telemetrySchema.parse({}),
  }
}

function readPipelines(section: Entry | undefined, issues: Issue[]): Map<string, PipelineSpec> {
  const path = ['service', 'pipelines']
  const pipelines = new Map<string, PipelineSpec>()
  for (const [key, { key: origin, node }] of entriesOf(section, path, issues)) {
    const report = (message: string) => issues.push({ severity: 'error', origin, path, message })
    const parsed = parseId(key)
    if ('error' in parsed) {
      report(parsed.error)
      continue
    }
    if (pipelines.has(parsed.id)) report(`duplicate name "${parsed.id}" after unmarshaling`)
    const spec = pipelineSchema.read(node, new Reader([...path, parsed.id], origin, issues))
    if (spec !== INVALID) pipelines.set(parsed.id, spec)
    else pipelines.set(parsed.id, NOTHING)
  }
  return pipelines
}
