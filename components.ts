import type { Listed } from './config/registry.ts'

/** Every component that weir has, by kind and type; each is loaded when a configuration names it. */
export const components: readonly Listed[] = [
  {
    kind: 'receiver',
    type: 'ebpf',
    aliases: ['obi'],
    load: async () => (await import('./receivers/ebpf/factory.ts')).ebpf,
  },
  {
    kind: 'receiver',
    type: 'jaeger',
    load: async () => (await import('./receivers/jaeger/factory.ts')).jaeger,
  },
  {
    kind: 'receiver',
    type: 'nop',
    load: async () => (await import('./receivers/nop/factory.ts')).nopReceiver,
  },
  {
    kind: 'receiver',
    type: 'otlp',
    load: async () => (await import('./receivers/otlp/factory.ts')).otlp,
  },
  {
    kind: 'receiver',
    type: 'zipkin',
    load: async () => (await import('./receivers/zipkin/factory.ts')).zipkin,
  },
  {
    kind: 'processor',
    type: 'attributes',
    load: async () => (await import('./processors/attributes/factory.ts')).attributes,
  },
  {
    kind: 'processor',
    type: 'batch',
    load: async () => (await import('./processors/batch/factory.ts')).batch,
  },
  {
    kind: 'processor',
    type: 'cumulative_to_delta',
    aliases: ['cumulativetodelta'],
    load: async () =>
      (await import('./processors/cumulative_to_delta/factory.ts')).cumulativeToDelta,
  },
  {
    kind: 'processor',
    type: 'delta_to_cumulative',
    aliases: ['deltatocumulative'],
    load: async () =>
      (await import('./processors/delta_to_cumulative/factory.ts')).deltaToCumulative,
  },
  {
    kind: 'processor',
    type: 'filter',
    load: async () => (await import('./processors/filter/factory.ts')).filter,
  },
  {
    kind: 'processor',
    type: 'group_by_attrs',
    aliases: ['groupbyattrs'],
    load: async () => (await import('./processors/group_by_attrs/factory.ts')).groupByAttrs,
  },
  {
    kind: 'processor',
    type: 'group_by_trace',
    aliases: ['groupbytrace'],
    load: async () => (await import('./processors/group_by_trace/factory.ts')).groupByTrace,
  },
  {
    kind: 'processor',
    type: 'interval',
    load: async () => (await import('./processors/interval/factory.ts')).interval,
  },
  {
    kind: 'processor',
    type: 'k8s_attributes',
    aliases: ['k8sattributes'],
    load: async () => (await import('./processors/k8s_attributes/factory.ts')).k8sAttributes,
  },
  {
    kind: 'processor',
    type: 'memory_limiter',
    load: async () => (await import('./processors/memory_limiter/factory.ts')).memoryLimiter,
  },
  {
    kind: 'processor',
    type: 'metrics_generation',
    aliases: ['metricsgeneration', 'experimental_metricsgeneration'],
    load: async () =>
      (await import('./processors/metrics_generation/factory.ts')).metricsGeneration,
  },
  {
    kind: 'processor',
    type: 'metrics_transform',
    aliases: ['metricstransform'],
    load: async () => (await import('./processors/metrics_transform/factory.ts')).metricsTransform,
  },
  {
    kind: 'processor',
    type: 'probabilistic_sampler',
    load: async () =>
      (await import('./processors/probabilistic_sampler/factory.ts')).probabilisticSampler,
  },
  {
    kind: 'processor',
    type: 'queuebatch',
    aliases: ['queue_batch'],
    load: async () => (await import('./processors/queuebatch/factory.ts')).queuebatch,
  },
  {
    kind: 'processor',
    type: 'redaction',
    load: async () => (await import('./processors/redaction/factory.ts')).redaction,
  },
  {
    kind: 'processor',
    type: 'resource',
    load: async () => (await import('./processors/resource/factory.ts')).resource,
  },
  {
    kind: 'processor',
    type: 'resource_detection',
    aliases: ['resourcedetection'],
    load: async () =>
      (await import('./processors/resource_detection/factory.ts')).resourceDetection,
  },
  {
    kind: 'processor',
    type: 'span',
    load: async () => (await import('./processors/span/factory.ts')).span,
  },
  {
    kind: 'processor',
    type: 'tail_sampling',
    load: async () => (await import('./processors/tail_sampling/factory.ts')).tailSampling,
  },
  {
    kind: 'processor',
    type: 'transform',
    load: async () => (await import('./processors/transform/factory.ts')).transform,
  },
  {
    kind: 'exporter',
    type: 'console',
    load: async () => (await import('./exporters/console/factory.ts')).consoleExporter,
  },
  {
    kind: 'exporter',
    type: 'debug',
    load: async () => (await import('./exporters/debug/factory.ts')).debug,
  },
  {
    kind: 'exporter',
    type: 'file',
    load: async () => (await import('./exporters/file/factory.ts')).file,
  },
  {
    kind: 'exporter',
    type: 'load_balancing',
    aliases: ['loadbalancing'],
    load: async () => (await import('./exporters/load_balancing/factory.ts')).loadBalancing,
  },
  {
    kind: 'exporter',
    type: 'nop',
    load: async () => (await import('./exporters/nop/factory.ts')).nopExporter,
  },
  {
    kind: 'exporter',
    type: 'otlp_grpc',
    aliases: ['otlp'],
    load: async () => (await import('./exporters/otlp_grpc/factory.ts')).otlpGrpc,
  },
  {
    kind: 'exporter',
    type: 'otlp_http',
    aliases: ['otlphttp'],
    load: async () => (await import('./exporters/otlp_http/factory.ts')).otlpHttp,
  },
  {
    kind: 'exporter',
    type: 'prometheus',
    load: async () => (await import('./exporters/prometheus/factory.ts')).prometheus,
  },
  {
    kind: 'exporter',
    type: 'prometheus_remote_write',
    aliases: ['prometheusremotewrite'],
    load: async () =>
      (await import('./exporters/prometheus_remote_write/factory.ts')).prometheusRemoteWrite,
  },
  {
    kind: 'exporter',
    type: 'sdk',
    load: async () => (await import('./exporters/sdk/factory.ts')).sdk,
  },
  {
    kind: 'connector',
    type: 'count',
    load: async () => (await import('./connectors/count/factory.ts')).count,
  },
  {
    kind: 'connector',
    type: 'exceptions',
    load: async () => (await import('./connectors/exceptions/factory.ts')).exceptions,
  },
  {
    kind: 'connector',
    type: 'failover',
    load: async () => (await import('./connectors/failover/factory.ts')).failover,
  },
  {
    kind: 'connector',
    type: 'forward',
    load: async () => (await import('./connectors/forward/factory.ts')).forward,
  },
  {
    kind: 'connector',
    type: 'routing',
    load: async () => (await import('./connectors/routing/factory.ts')).routing,
  },
  {
    kind: 'connector',
    type: 'service_graph',
    aliases: ['servicegraph'],
    load: async () => (await import('./connectors/service_graph/factory.ts')).serviceGraph,
  },
  {
    kind: 'connector',
    type: 'span_metrics',
    aliases: ['spanmetrics'],
    load: async () => (await import('./connectors/span_metrics/factory.ts')).spanMetrics,
  },
  {
    kind: 'connector',
    type: 'sum',
    load: async () => (await import('./connectors/sum/factory.ts')).sum,
  },
  {
    kind: 'extension',
    type: 'basic_auth',
    aliases: ['basicauth'],
    load: async () => (await import('./extensions/basic_auth/factory.ts')).basicAuth,
  },
  {
    kind: 'extension',
    type: 'bearer_token_auth',
    aliases: ['bearertokenauth'],
    load: async () => (await import('./extensions/bearer_token_auth/factory.ts')).bearerTokenAuth,
  },
  {
    kind: 'extension',
    type: 'cgroup_runtime',
    load: async () => (await import('./extensions/cgroup_runtime/factory.ts')).cgroupRuntime,
  },
  {
    kind: 'extension',
    type: 'file_storage',
    load: async () => (await import('./extensions/file_storage/factory.ts')).fileStorage,
  },
  {
    kind: 'extension',
    type: 'headers_setter',
    aliases: ['headerssetter'],
    load: async () => (await import('./extensions/headers_setter/factory.ts')).headersSetter,
  },
  {
    kind: 'extension',
    type: 'health_check',
    load: async () => (await import('./extensions/health_check/factory.ts')).healthCheck,
  },
  {
    kind: 'extension',
    type: 'healthcheckv2',
    load: async () => (await import('./extensions/health_check/factory.ts')).healthCheckV2,
  },
  {
    kind: 'extension',
    type: 'memory_limiter',
    load: async () =>
      (await import('./extensions/memory_limiter/factory.ts')).memoryLimiterExtension,
  },
  {
    kind: 'extension',
    type: 'oauth2_client',
    aliases: ['oauth2client'],
    load: async () => (await import('./extensions/oauth2_client/factory.ts')).oauth2Client,
  },
  {
    kind: 'extension',
    type: 'pprof',
    load: async () => (await import('./extensions/pprof/factory.ts')).pprof,
  },
  {
    kind: 'extension',
    type: 'zpages',
    load: async () => (await import('./extensions/zpages/factory.ts')).zpages,
  },
]
