import { defineExporter } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { OtlpHttpExporter } from './otlp_http.ts'

/** Sends OTLP over HTTP, with a queue, retries and compression. */
export const otlpHttp = defineExporter({
  type: 'otlp_http',
  aliases: ['otlphttp'],
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta', profiles: 'alpha' },
  access: 'opaque',
  schema,
  create: {
    traces: (ctx, config) => new OtlpHttpExporter(ctx, config, 'traces'),
    metrics: (ctx, config) => new OtlpHttpExporter(ctx, config, 'metrics'),
    logs: (ctx, config) => new OtlpHttpExporter(ctx, config, 'logs'),
    profiles: (ctx, config) => new OtlpHttpExporter(ctx, config, 'profiles'),
  },
})
