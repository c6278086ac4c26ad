import type { SinkPorts } from './pipeline_sink.ts'

/** The ports that an agent is told to listen on. */
export const OTLP_HTTP_PORT = 14318
export const OTLP_GRPC_PORT = 14317

/** One way through the pipeline, written in the Collector's own YAML, which JSON is. */
export interface Variant {
  readonly name: string
  readonly protocol: 'http' | 'grpc'
  /** Spans per second and core that weir has to reach, and that it aims at. */
  readonly must: number
  readonly aim: number
  readonly config: (sink: SinkPorts) => unknown
}

interface Parts {
  readonly processors?: Readonly<Record<string, unknown>>
  readonly exporter?: unknown
}

/** Over HTTP in and out, with `batch` at the end. */
const overHttp =
  (compression: 'none' | 'gzip', { processors = {} }: Parts = {}) =>
  (sink: SinkPorts) => ({
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${OTLP_HTTP_PORT}` } } } },
    processors: { ...processors, batch: null },
    exporters: { otlp_http: { endpoint: `http://127.0.0.1:${sink.http}`, compression } },
    service: pipeline([...Object.keys(processors), 'batch'], 'otlp_http'),
  })

const overGrpc = (sink: SinkPorts) => ({
  receivers: { otlp: { protocols: { grpc: { endpoint: `127.0.0.1:${OTLP_GRPC_PORT}` } } } },
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

const pipeline = (processors: readonly string[], exporter: string) => ({
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
export const idleConfig = {
  receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${OTLP_HTTP_PORT}` } } } },
  exporters: { debug: null },
  service: {
    pipelines: { traces: { receivers: ['otlp'], exporters: ['debug'] } },
  },
}
