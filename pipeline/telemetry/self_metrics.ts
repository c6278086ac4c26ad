import { COLLECTOR_METRICS } from './collector_metrics.ts'
import { COMPONENT_METRICS } from './component_metrics.ts'
import { K8S_METRICS } from './k8s_metrics.ts'
import { REQUEST_METRICS } from './request_metrics.ts'
import { SAMPLING_METRICS } from './sampling_metrics.ts'
import type { SelfMetric } from './self_metric.ts'
import { WEIR_METRICS } from './weir_metrics.ts'

/** Every metric that weir has of itself. */
export const SELF_METRICS: readonly SelfMetric[] = [
  ...COLLECTOR_METRICS,
  ...REQUEST_METRICS,
  ...SAMPLING_METRICS,
  ...COMPONENT_METRICS,
  ...WEIR_METRICS,
  ...K8S_METRICS,
]
