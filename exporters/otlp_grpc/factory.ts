import { defineExporter } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { OtlpGrpcExporter } from './otlp_grpc.ts'

/** Sends OTLP over gRPC, with a queue, retries and compression. */
export const otlpGrpc = defineExporter({
  type: 'otlp_grpc',
  aliases: ['otlp'],
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta', profiles: 'alpha' },
  access: 'opaque',
  schema,
  create: {
    traces: (ctx, config) => new OtlpGrpcExporter(ctx, config, 'traces'),
    metrics: (ctx, config) => new OtlpGrpcExporter(ctx, config, 'metrics'),
    logs: (ctx, config) => new OtlpGrpcExporter(ctx, config, 'logs'),
    profiles: (ctx, config) => new OtlpGrpcExporter(ctx, config, 'profiles'),
  },
})
