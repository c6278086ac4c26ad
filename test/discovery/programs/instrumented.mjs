/** A service that OpenTelemetry's SDK instruments: a span for each request, exported to argv[2] at once. */
import { createServer } from 'node:http'
import { SpanKind } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'

const exporter = new OTLPTraceExporter({ url: `${process.argv[2]}/v1/traces` })
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
const tracer = provider.getTracer('sdk')

const server = createServer((request, response) => {
  const attributes = { 'url.path': request.url, 'made.by': 'sdk' }
  const span = tracer.startSpan('sdk', { kind: SpanKind.SERVER, attributes })
  response.on('finish', () => span.end())
  response.end('ok')
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
