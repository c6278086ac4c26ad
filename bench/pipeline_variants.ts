import type { SinkPorts } from './pipeline_sink.ts'

/** One way through the pipeline, written in the Collector's own YAML, which JSON is. */
export interface Variant {
  readonly name: string
  readonly protocol: 'http' | 'grpc'
  /** Spans per second and core that weir has to reach, and that it aims at. */
  readonly must: number
  readonly aim: number
  /** Listens on `port` of 127.0.0.1. */
  readonly config: (port: number, sink: SinkPorts) => unknown
}

interface Parts {
  readonly processors?: Readonly<Record<string, unknown>>
  readonly exporter?: unknown
}

/** Over HTTP in and out, with `batch` at the end. */
const overHttp =
  (compression: 'none' | 'gzip', { processors = {} }: Parts = {}) =>
  (port: number, sink: SinkPorts) => ({
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    processors: { ...processors, batch: null },
    exporters: { otlp_http: { endpoint: `http://127.0.0.1:${sink.http}`, compression } },
    service: pipeline([...Object.keys(processors), 'batch'], 'otlp_http'),
  })

const overGrpc = (port: number, sink: SinkPorts) => ({
  receivers: { otlp: { protocols: { grpc: { endpoint: `127.0.0.1:${port}` } } } },
  processors: { batch: null },
  exporters: {
    otlp_grpc: {
      endpoint: `127.0.0.1:${sink.grpc}`,
      compression: 'none',
      tls: { insecure: true },
    },
  },
  service: pipeline(['batch'], 'otlp_grpc'),
})

/** The agent's own metrics are on, as they are by default, on a port that is free. */
const TELEMETRY = {
  metrics: { readers: [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port: 0 } } } }] },
}

const pipeline = (processors: readonly string[], exporter: string) => ({
  telemetry: TELEMETRY,
  pipelines: { traces: { receivers: ['otlp'], processors, exporters: [exporter] } },
})

const upsertAndInsert = {
  resource: { attributes: [{ key: 'deployment.environment', value: 'prod', action: 'insert' }] },
  attributes: { actions: [{ key: 'team', value: 'orders', action: 'upsert' }] },
}

export const VARIANTS: readonly Variant[] = [
  { name: 'plain', protocol: 'http', must: 600, aim: 900, config: overHttp('none') },
  { name: 'gzip', protocol: 'http', must: 190, aim: 270, config: overHttp('gzip') },
  {
    name: 'attributes',
    protocol: 'http',
    must: 150,
    aim: 250,
    config: overHttp('none', { processors: upsertAndInsert }),
  },
  { name: 'grpc', protocol: 'grpc', must: 200, aim: 400, config: overGrpc },
]

/** The default configuration with `otlp` in place of `ebpf`: what a node with nothing to watch runs. */
export const idleConfig = (port: number) => ({
  receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
  exporters: { debug: null },
  service: {
    telemetry: TELEMETRY,
    pipelines: { traces: { receivers: ['otlp'], exporters: ['debug'] } },
  },
})
