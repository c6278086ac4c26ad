import { count } from './connectors/count/factory.ts'
import { forward } from './connectors/forward/factory.ts'
import { routing } from './connectors/routing/factory.ts'
import { spanMetrics } from './connectors/span_metrics/factory.ts'
import { sum } from './connectors/sum/factory.ts'
import { consoleExporter } from './exporters/console/factory.ts'
import { debug } from './exporters/debug/factory.ts'
import { file } from './exporters/file/factory.ts'
import { nopExporter } from './exporters/nop/factory.ts'
import { otlpGrpc } from './exporters/otlp_grpc/factory.ts'
import { otlpHttp } from './exporters/otlp_http/factory.ts'
import { prometheus } from './exporters/prometheus/factory.ts'
import { basicAuth } from './extensions/basic_auth/factory.ts'
import { bearerTokenAuth } from './extensions/bearer_token_auth/factory.ts'
import { cgroupRuntime } from './extensions/cgroup_runtime/factory.ts'
import { fileStorage } from './extensions/file_storage/factory.ts'
import { healthCheck, healthCheckV2 } from './extensions/health_check/factory.ts'
import { memoryLimiterExtension } from './extensions/memory_limiter/factory.ts'
import { pprof } from './extensions/pprof/factory.ts'
import { zpages } from './extensions/zpages/factory.ts'
import type { Factory } from './pipeline/component.ts'
import { attributes } from './processors/attributes/factory.ts'
import { batch } from './processors/batch/factory.ts'
import { cumulativeToDelta } from './processors/cumulative_to_delta/factory.ts'
import { deltaToCumulative } from './processors/delta_to_cumulative/factory.ts'
import { filter } from './processors/filter/factory.ts'
import { groupByAttrs } from './processors/group_by_attrs/factory.ts'
import { k8sAttributes } from './processors/k8s_attributes/factory.ts'
import { memoryLimiter } from './processors/memory_limiter/factory.ts'
import { metricsTransform } from './processors/metrics_transform/factory.ts'
import { probabilisticSampler } from './processors/probabilistic_sampler/factory.ts'
import { resource } from './processors/resource/factory.ts'
import { resourceDetection } from './processors/resource_detection/factory.ts'
import { tailSampling } from './processors/tail_sampling/factory.ts'
import { transform } from './processors/transform/factory.ts'
import { ebpf } from './receivers/ebpf/factory.ts'
import { nopReceiver } from './receivers/nop/factory.ts'
import { otlp } from './receivers/otlp/factory.ts'

/** Every component that weir has. */
export const factories: readonly Factory[] = [
  attributes,
  batch,
  basicAuth,
  bearerTokenAuth,
  cgroupRuntime,
  consoleExporter,
  count,
  cumulativeToDelta,
  debug,
  deltaToCumulative,
  ebpf,
  file,
  fileStorage,
  filter,
  forward,
  groupByAttrs,
  healthCheck,
  healthCheckV2,
  k8sAttributes,
  memoryLimiter,
  metricsTransform,
  memoryLimiterExtension,
  nopExporter,
  nopReceiver,
  otlp,
  otlpGrpc,
  otlpHttp,
  pprof,
  probabilisticSampler,
  prometheus,
  resource,
  routing,
  resourceDetection,
  spanMetrics,
  sum,
  tailSampling,
  transform,
  zpages,
]
