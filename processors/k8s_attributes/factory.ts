import { type Context, defineProcessor } from '../../pipeline/component.ts'
import { type K8sConfig, schema } from './config.ts'
import { K8sAttributes } from './k8s_attributes.ts'
import { type Needs, needsOf } from './needs.ts'
import { k8sProfiles } from './profiles.ts'
import { Source } from './source.ts'

interface Shared {
  readonly needs: Needs
  readonly source: Source
}

/** The processors of one id are made from one and the same settings. */
const shared = new WeakMap<K8sConfig, Shared>()

function sharedOf(ctx: Context, config: K8sConfig): Shared {
  const known = shared.get(config)
  if (known !== undefined) return known
  const needs = needsOf(config)
  const made = { needs, source: new Source(ctx, config, needs) }
  shared.set(config, made)
  return made
}

function warnOfIgnored(ctx: Context, { extract }: K8sConfig): void {
  if (extract.deployment_name_from_replicaset) return
  ctx.log.warn(
    'deployment_name_from_replicaset: false changes nothing: names are told without a watch of replica sets',
  )
}

/** Adds Kubernetes metadata to resources. */
export const k8sAttributes = defineProcessor({
  type: 'k8s_attributes',
  aliases: ['k8sattributes'],
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta', profiles: 'alpha' },
  access: 'resource',
  schema,
  create: {
    traces: (ctx, config, next) => {
      warnOfIgnored(ctx, config)
      const { needs, source } = sharedOf(ctx, config)
      return new K8sAttributes(ctx, config, needs, source, next)
    },
    metrics: (ctx, config, next) => {
      const { needs, source } = sharedOf(ctx, config)
      return new K8sAttributes(ctx, config, needs, source, next)
    },
    logs: (ctx, config, next) => {
      const { needs, source } = sharedOf(ctx, config)
      return new K8sAttributes(ctx, config, needs, source, next)
    },
    profiles: (ctx, config, next) => {
      const { needs, source } = sharedOf(ctx, config)
      return k8sProfiles(ctx, config, needs, source, next)
    },
  },
})
