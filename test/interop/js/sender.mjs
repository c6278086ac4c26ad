// Sends one of everything that an SDK makes, twice: to OTEL_EXPORTER_OTLP_ENDPOINT, and to DIRECT_ENDPOINT over HTTP.
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs'
import { AggregationType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'

const PACKAGES = { grpc: 'grpc', 'http/protobuf': 'proto', 'http/json': 'http' }
const { OTEL_EXPORTER_OTLP_PROTOCOL: protocol, DIRECT_ENDPOINT: direct } = process.env
const resource = resourceFromAttributes({ 'service.name': 'interop-js', 'host.cpu.count': 2 })

async function sendAll(signal, className, data) {
  const official = await import(`@opentelemetry/exporter-${signal}-otlp-${PACKAGES[protocol]}`)
  const straight = await import(`@opentelemetry/exporter-${signal}-otlp-proto`)
  const path = signal === 'trace' ? 'traces' : signal
  const exporters = [
    new official[className](),
    new straight[className]({ url: `${direct}/v1/${path}` }),
  ]
  for (const exporter of exporters) {
    const { code, error } = await new Promise((resolve) => exporter.export(data, resolve))
    if (code !== 0) throw error ?? new Error(`${signal}: export ended with ${code}`)
    await exporter.shutdown()
  }
}

function makeSpans() {
  const memory = new InMemorySpanExporter()
  const processor = new SimpleSpanProcessor({ exporter: memory })
  const provider = new TracerProvider({ resource, spanProcessors: [processor] })
  const tracer = provider.getTracer('weir.test/js', '1.2', { schemaUrl: 'https://schema' })
  const attributes = {
    text: 'grüße',
    int: -(2 ** 40),
    bool: true,
    double: 0.1,
    list: ['a', ''],
    numbers: [1, 2.5],
  }
  const parent = tracer.startSpan('GET /items', { kind: SpanKind.SERVER, attributes })
  parent.addEvent('cache miss', { key: 'k' })
  const within = trace.setSpan(context.active(), parent)
  const links = [{ context: parent.spanContext(), attributes: { n: 1 } }]
  const child = tracer.startSpan('SELECT', { kind: SpanKind.CLIENT, links }, within)
  const noRows = new Error('no rows')
  noRows.stack = 'Error: no rows\n    at select (shop.mjs:12:7)' // the true one names this machine's folders
  child.recordException(noRows)
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'no rows' })
  child.end()
  parent.end()
  return memory.getFinishedSpans()
}

class Reader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}

async function makeMetrics() {
  const reader = new Reader()
  const exponential = {
    instrumentName: 'size',
    aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
  }
  const provider = new MeterProvider({ resource, readers: [reader], views: [exponential] })
  const meter = provider.getMeter('weir.test/js')
  const which = { which: 'one' }
  meter.createCounter('requests', { unit: '1' }).add(3, which)
  meter.createUpDownCounter('queue').add(-1.5, which)
  meter.createGauge('temperature').record(-40.25, which)
  const duration = meter.createHistogram('duration', { unit: 's', description: 'how long' })
  const size = meter.createHistogram('size')
  for (const value of [0, 1, 7, 2 ** 40]) {
    duration.record(value / 3, which)
    size.record(value, which)
  }
  const { resourceMetrics, errors } = await reader.collect()
  if (errors.length > 0) throw errors[0]
  return resourceMetrics
}

function makeLogs() {
  const memory = new InMemoryLogRecordExporter()
  const processors = [new SimpleLogRecordProcessor({ exporter: memory })]
  const logger = new LoggerProvider({ resource, processors }).getLogger('weir.test/js')
  logger.emit({
    eventName: 'user.login',
    timestamp: Date.now(),
    severityNumber: 14,
    severityText: 'WARN',
    body: { user: 'ü', list: [1, 2.5, false], raw: new Uint8Array([0, 255]) },
    attributes: { n: 2 ** 40, nested: { deep: [{ a: 1 }] } },
  })
  return memory.getFinishedLogRecords()
}

await sendAll('trace', 'OTLPTraceExporter', makeSpans())
await sendAll('metrics', 'OTLPMetricExporter', await makeMetrics())
await sendAll('logs', 'OTLPLogExporter', makeLogs())
