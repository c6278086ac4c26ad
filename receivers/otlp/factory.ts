import { logsCodec, metricsCodec, tracesCodec } from '../../pipeline/codec/signal_codec.ts'
import { type Context, defineReceiver } from '../../pipeline/component.ts'
import { type OtlpConfig, schema } from './config.ts'
import { OtlpServer } from './otlp.ts'
import { takeInto, takeProfilesInto } from './take.ts'

/** The receivers of one id are made from one and the same configuration object. */
const servers = new WeakMap<OtlpConfig, OtlpServer>()

function serverOf(ctx: Context, config: OtlpConfig): OtlpServer {
  const known = servers.get(config)
  if (known !== undefined) return known
  const server = new OtlpServer(ctx, config)
  servers.set(config, server)
  return server
}

/** Takes OTLP from SDKs and Collectors. */
export const otlp = defineReceiver({
  type: 'otlp',
  stability: { traces: 'alpha', metrics: 'alpha', logs: 'alpha', profiles: 'alpha' },
  schema,
  create: {
    traces: (ctx, config, next) =>
      serverOf(ctx, config).receiver('traces', takeInto(ctx, tracesCodec, next)),
    metrics: (ctx, config, next) =>
      serverOf(ctx, config).receiver('metrics', takeInto(ctx, metricsCodec, next)),
    logs: (ctx, config, next) =>
      serverOf(ctx, config).receiver('logs', takeInto(ctx, logsCodec, next)),
    profiles: (ctx, config, next) =>
      serverOf(ctx, config).receiver('profiles', takeProfilesInto(ctx, next)),
  },
})
