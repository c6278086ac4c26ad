import {
  type Component,
  type Consumer,
  type Context,
  defineProcessor,
} from '../../pipeline/component.ts'
import type { Attribute, Attributes } from '../../pipeline/data/attributes.ts'
import type { Resource } from '../../pipeline/data/resource.ts'
import { type DetectionConfig, schema } from './config.ts'
import { Detection } from './detection.ts'

interface HasResources<B> {
  mapResources(change: (resource: Resource) => Resource): B
}

/** The processors of one id are made from one and the same settings. */
const shared = new WeakMap<DetectionConfig, Detection>()

function detectionOf(ctx: Context, config: DetectionConfig): Detection {
  const known = shared.get(config)
  if (known !== undefined) return known
  const made = new Detection(ctx, config)
  shared.set(config, made)
  return made
}

/** With `override` what is found goes first; else only what is absent is added. */
export function merged(
  attributes: Attributes,
  found: readonly Attribute[],
  override: boolean,
): Attributes {
  if (found.length === 0) return attributes
  const keys = new Set(attributes.map(({ key }) => key))
  const added = found.filter(({ key }) => !keys.has(key))
  if (!override) return added.length === 0 ? attributes : [...attributes, ...added]
  const byKey = new Map(found.map((one) => [one.key, one]))
  return [...attributes.map((one) => byKey.get(one.key) ?? one), ...added]
}

function processor<B extends HasResources<B>>(
  ctx: Context,
  config: DetectionConfig,
  next: Consumer<B>,
): Component & Consumer<B> {
  const detection = detectionOf(ctx, config)
  let isStarted = false
  return {
    async start() {
      isStarted = true
      await detection.start()
    },
    shutdown() {
      if (isStarted) detection.stop()
      isStarted = false
      return Promise.resolve()
    },
    consume: (batch, info) =>
      next.consume(
        batch.mapResources((resource) => {
          const attributes = merged(resource.attributes, detection.attributes, config.override)
          return attributes === resource.attributes ? resource : { ...resource, attributes }
        }),
        info,
      ),
  }
}

/** Adds to resources where weir runs: machine, cloud, cluster. */
export const resourceDetection = defineProcessor({
  type: 'resource_detection',
  aliases: ['resourcedetection'],
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta', profiles: 'alpha' },
  access: 'resource',
  schema,
  create: {
    traces: (ctx, config, next) => processor(ctx, config, next),
    metrics: (ctx, config, next) => processor(ctx, config, next),
    logs: (ctx, config, next) => processor(ctx, config, next),
    profiles: (ctx, config, next) => processor(ctx, config, next),
  },
})
