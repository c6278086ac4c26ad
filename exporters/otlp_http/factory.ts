import { defineExporter, forEverySignal } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { otlpHttpExporter } from './otlp_http.ts'

/** Sends OTLP over HTTP, with a queue, retries and compression. */
export const otlpHttp = defineExporter({
  type: 'otlp_http',
  aliases: ['otlphttp'],
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta', profiles: 'alpha' },
  access: 'opaque',
  schema,
  create: forEverySignal(otlpHttpExporter),
})
