import { defineExporter, forEverySignal } from '../../pipeline/component.ts'
import { schema } from '../../pipeline/otlp_grpc/config.ts'
import { otlpGrpcExporter } from '../../pipeline/otlp_grpc/exporter.ts'

/** Sends OTLP over gRPC, with a queue, retries and compression. */
export const otlpGrpc = defineExporter({
  type: 'otlp_grpc',
  aliases: ['otlp'],
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta', profiles: 'alpha' },
  access: 'opaque',
  schema,
  create: forEverySignal(otlpGrpcExporter),
})
