import type { Kind, Listed } from './config/registry.ts'
import type { Factory } from './pipeline/component.ts'

const listed =
  (kind: Kind) =>
  (type: string, load: () => Promise<Factory>, aliases?: readonly string[]): Listed => ({
    kind,
    type,
    load,
    ...(aliases && { aliases }),
  })

const receiver = listed('receiver')
const processor = listed('processor')
const exporter = listed('exporter')
const connector = listed('connector')
const extension = listed('extension')

/** Every component that weir has, by kind and type; each is loaded when a configuration names it. */
export const components: readonly Listed[] = [
  receiver('ebpf', async () => (await import('./receivers/ebpf/factory.ts')).ebpf, ['obi']),
  receiver('jaeger', async () => (await import('./receivers/jaeger/factory.ts')).jaeger),
  receiver('nop', async () => (await import('./receivers/nop/factory.ts')).nopReceiver),
  receiver('otlp', async () => (await import('./receivers/otlp/factory.ts')).otlp),
  receiver('zipkin', async () => (await import('./receivers/zipkin/factory.ts')).zipkin),
  processor(
    'attributes',
    async () => (await import('./processors/attributes/factory.ts')).attributes,
  ),
  processor('batch', async () => (await import('./processors/batch/factory.ts')).batch),
  processor(
    'cumulative_to_delta',
    async () => (await import('./processors/cumulative_to_delta/factory.ts')).cumulativeToDelta,
    ['cumulativetodelta'],
  ),
  processor(
    'delta_to_cumulative',
    async () => (await import('./processors/delta_to_cumulative/factory.ts')).deltaToCumulative,
    ['deltatocumulative'],
  ),
  processor('filter', async () => (await import('./processors/filter/factory.ts')).filter),
  processor(
    'group_by_attrs',
    async () => (await import('./processors/group_by_attrs/factory.ts')).groupByAttrs,
    ['groupbyattrs'],
  ),
  processor(
    'group_by_trace',
    async () => (await import('./processors/group_by_trace/factory.ts')).groupByTrace,
    ['groupbytrace'],
  ),
  processor('interval', async () => (await import('./processors/interval/factory.ts')).interval),
  processor(
    'k8s_attributes',
    async () => (await import('./processors/k8s_attributes/factory.ts')).k8sAttributes,
    ['k8sattributes'],
  ),
  processor(
    'memory_limiter',
    async () => (await import('./processors/memory_limiter/factory.ts')).memoryLimiter,
  ),
  processor(
    'metrics_generation',
    async () => (await import('./processors/metrics_generation/factory.ts')).metricsGeneration,
    ['metricsgeneration', 'experimental_metricsgeneration'],
  ),
  processor(
    'metrics_transform',
    async () => (await import('./processors/metrics_transform/factory.ts')).metricsTransform,
    ['metricstransform'],
  ),
  processor(
    'probabilistic_sampler',
    async () =>
      (await import('./processors/probabilistic_sampler/factory.ts')).probabilisticSampler,
  ),
  processor(
    'queuebatch',
    async () => (await import('./processors/queuebatch/factory.ts')).queuebatch,
    ['queue_batch'],
  ),
  processor('redaction', async () => (await import('./processors/redaction/factory.ts')).redaction),
  processor('resource', async () => (await import('./processors/resource/factory.ts')).resource),
  processor(
    'resource_detection',
    async () => (await import('./processors/resource_detection/factory.ts')).resourceDetection,
    ['resourcedetection'],
  ),
  processor('span', async () => (await import('./processors/span/factory.ts')).span),
  processor(
    'tail_sampling',
    async () => (await import('./processors/tail_sampling/factory.ts')).tailSampling,
  ),
  processor('transform', async () => (await import('./processors/transform/factory.ts')).transform),
  exporter('console', async () => (await import('./exporters/console/factory.ts')).consoleExporter),
  exporter('debug', async () => (await import('./exporters/debug/factory.ts')).debug),
  exporter('file', async () => (await import('./exporters/file/factory.ts')).file),
  exporter(
    'load_balancing',
    async () => (await import('./exporters/load_balancing/factory.ts')).loadBalancing,
    ['loadbalancing'],
  ),
  exporter('nop', async () => (await import('./exporters/nop/factory.ts')).nopExporter),
  exporter('otlp_grpc', async () => (await import('./exporters/otlp_grpc/factory.ts')).otlpGrpc, [
    'otlp',
  ]),
  exporter('otlp_http', async () => (await import('./exporters/otlp_http/factory.ts')).otlpHttp, [
    'otlphttp',
  ]),
  exporter(
    'prometheus',
    async () => (await import('./exporters/prometheus/factory.ts')).prometheus,
  ),
  exporter(
    'prometheus_remote_write',
    async () =>
      (await import('./exporters/prometheus_remote_write/factory.ts')).prometheusRemoteWrite,
    ['prometheusremotewrite'],
  ),
  exporter('sdk', async () => (await import('./exporters/sdk/factory.ts')).sdk),
  connector('count', async () => (await import('./connectors/count/factory.ts')).count),
  connector(
    'exceptions',
    async () => (await import('./connectors/exceptions/factory.ts')).exceptions,
  ),
  connector('failover', async () => (await import('./connectors/failover/factory.ts')).failover),
  connector('forward', async () => (await import('./connectors/forward/factory.ts')).forward),
  connector('routing', async () => (await import('./connectors/routing/factory.ts')).routing),
  connector(
    'service_graph',
    async () => (await import('./connectors/service_graph/factory.ts')).serviceGraph,
    ['servicegraph'],
  ),
  connector(
    'span_metrics',
    async () => (await import('./connectors/span_metrics/factory.ts')).spanMetrics,
    ['spanmetrics'],
  ),
  connector('sum', async () => (await import('./connectors/sum/factory.ts')).sum),
  extension(
    'basic_auth',
    async () => (await import('./extensions/basic_auth/factory.ts')).basicAuth,
    ['basicauth'],
  ),
  extension(
    'bearer_token_auth',
    async () => (await import('./extensions/bearer_token_auth/factory.ts')).bearerTokenAuth,
    ['bearertokenauth'],
  ),
  extension(
    'cgroup_runtime',
    async () => (await import('./extensions/cgroup_runtime/factory.ts')).cgroupRuntime,
  ),
  extension(
    'file_storage',
    async () => (await import('./extensions/file_storage/factory.ts')).fileStorage,
  ),
  extension(
    'headers_setter',
    async () => (await import('./extensions/headers_setter/factory.ts')).headersSetter,
    ['headerssetter'],
  ),
  extension(
    'health_check',
    async () => (await import('./extensions/health_check/factory.ts')).healthCheck,
  ),
  extension(
    'healthcheckv2',
    async () => (await import('./extensions/health_check/factory.ts')).healthCheckV2,
  ),
  extension(
    'memory_limiter',
    async () => (await import('./extensions/memory_limiter/factory.ts')).memoryLimiterExtension,
  ),
  extension(
    'oauth2_client',
    async () => (await import('./extensions/oauth2_client/factory.ts')).oauth2Client,
    ['oauth2client'],
  ),
  extension('pprof', async () => (await import('./extensions/pprof/factory.ts')).pprof),
  extension('zpages', async () => (await import('./extensions/zpages/factory.ts')).zpages),
]
