import type { SelfMetric } from './self_metric.ts'

const CONTRIB = 'go.opentelemetry.io/contrib/instrumentation'

/** Seconds. Source: https://opentelemetry.io/docs/specs/semconv/http/http-metrics/ */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

const DURATION = { kind: 'histogram', unit: 's', level: 'detailed', buckets: SECONDS } as const
const HTTP = {
  ...DURATION,
  scope: `${CONTRIB}/net/http/otelhttp`,
  labels: [
    'http.request.method',
    'http.response.status_code',
    'network.protocol.name',
    'server.address',
    'server.port',
    'url.scheme',
  ],
} as const
const RPC = {
  ...DURATION,
  scope: `${CONTRIB}/google.golang.org/grpc/otelgrpc`,
  labels: ['rpc.method', 'rpc.response.status_code', 'rpc.system.name'],
} as const

/** How long requests take that weir serves and sends, by OpenTelemetry's semantic conventions. */
export const REQUEST_METRICS: readonly SelfMetric[] = [
  {
    ...HTTP,
    name: 'http.server.request.duration',
    about: 'Duration of the HTTP requests that were served.',
  },
  {
    ...HTTP,
    name: 'http.client.request.duration',
    about: 'Duration of the HTTP requests that were sent.',
  },
  {
    ...RPC,
    name: 'rpc.server.call.duration',
    about: 'Duration of the gRPC calls that were served.',
  },
  {
    ...RPC,
    name: 'rpc.client.call.duration',
    about: 'Duration of the gRPC calls that were made.',
  },
]
