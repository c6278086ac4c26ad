import { type Context, defineExporter, type Signal } from '../../pipeline/component.ts'
import type { Batch } from '../../pipeline/data/batch.ts'
import { ExporterHelper, helperOptions } from '../../pipeline/exporter_helper.ts'
import type { OtlpGrpcConfig } from '../../pipeline/otlp_grpc/config.ts'
import { otlpGrpcExporter } from '../../pipeline/otlp_grpc/exporter.ts'
import { type LoadBalancingConfig, schema } from './config.ts'
import { type Divide, divideLogs, divideMetrics, divideSpans } from './divide.ts'
import { type Backend, backendContext, LoadBalancer } from './load_balancer.ts'
import { resolverOf } from './resolvers.ts'
import { ringKindOf } from './ring.ts'

type MakeBackend<R> = (ctx: Context, config: OtlpGrpcConfig) => Backend<Batch<R>>

function exporter<R>(
  ctx: Context,
  config: LoadBalancingConfig,
  signal: Signal,
  divide: Divide<R>,
  make: MakeBackend<R>,
): ExporterHelper<Batch<R>> {
  const balancer = new LoadBalancer(
    ctx,
    resolverOf(ctx, config.resolver),
    divide,
    (endpoint) => make(backendContext(ctx, endpoint), { ...config.protocol.otlp, endpoint }),
    ringKindOf(config.ring_positions),
  )
  return new ExporterHelper(ctx, signal, helperOptions(config), balancer)
}

/** Sends what belongs together to the same one of several backends. */
export const loadBalancing = defineExporter({
  type: 'load_balancing',
  aliases: ['loadbalancing'],
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta' },
  access: 'items',
  schema,
  create: {
    traces: (ctx, config) =>
      exporter(ctx, config, 'traces', divideSpans(config), (...own) =>
        otlpGrpcExporter(...own, 'traces'),
      ),
    metrics: (ctx, config) =>
      exporter(ctx, config, 'metrics', divideMetrics(config), (...own) =>
        otlpGrpcExporter(...own, 'metrics'),
      ),
    logs: (ctx, config) =>
      exporter(ctx, config, 'logs', divideLogs(config), (...own) =>
        otlpGrpcExporter(...own, 'logs'),
      ),
  },
})
