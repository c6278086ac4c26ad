import type { Kind, Registry } from './registry.ts'
import type { JsonSchema } from './schema.ts'
import { extensionsSchema, pipelineSchema, telemetrySchema } from './service.ts'

/** The JSON Schema of a whole configuration file, with every component of `registry` under each of its names. */
export function configurationSchema(registry: Registry): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'weir configuration',
    type: 'object',
    properties: {
      receivers: section(registry, 'receiver'),
      processors: section(registry, 'processor'),
      exporters: section(registry, 'exporter'),
      connectors: section(registry, 'connector'),
      extensions: section(registry, 'extension'),
      service: service(),
    },
    required: ['receivers', 'exporters', 'service'],
    additionalProperties: false,
  }
}

function section(registry: Registry, kind: Kind): JsonSchema {
  const patterns = registry.all(kind).map(({ type, aliases = [], schema }) => {
    const names = [type, ...aliases].join('|')
    return [`^(${names})(/.+)?$`, schema.json()] as const
  })
  return {
    type: ['object', 'null'],
    patternProperties: Object.fromEntries(patterns),
    additionalProperties: false,
  }
}

const service = (): JsonSchema => ({
  type: 'object',
  properties: {
    extensions: extensionsSchema.json(),
    pipelines: {
      type: 'object',
      patternProperties: { '^(traces|metrics|logs|profiles)(/.+)?$': pipelineSchema.json() },
      additionalProperties: false,
    },
    telemetry: telemetrySchema.json(),
  },
  required: ['pipelines'],
  additionalProperties: false,
})
