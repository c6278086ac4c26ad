import type { Component, Consumer, Context, Info } from '../../pipeline/component.ts'
import { string } from '../../pipeline/data/attributes.ts'
import type { ProfileBatch } from '../../pipeline/data/profiles.ts'
import type { Resource } from '../../pipeline/data/resource.ts'
import { associate, bareIp } from './association.ts'
import type { K8sConfig } from './config.ts'
import { addMissing, enricher } from './enrich.ts'
import type { Needs } from './needs.ts'
import type { Source } from './source.ts'

/** The same for profiles, which share a dictionary and so cannot wait one by one: whose pod is not known go on at once. */
export function k8sProfiles(
  ctx: Context,
  config: K8sConfig,
  needs: Needs,
  source: Source,
  next: Consumer<ProfileBatch>,
): Component & Consumer<ProfileBatch> {
  const enrich = enricher(config, needs, source)
  let isStarted = false
  const complete = (resource: Resource, peer: string): Resource => {
    const { attributes } = resource
    const { found, miss } = config.passthrough
      ? {}
      : associate(source.pods, config.pod_association, attributes, peer)
    if (miss !== undefined) ctx.count('k8s_attributes_misses', 1, { reason: miss })
    const address = config.passthrough && peer !== '' ? [string('k8s.pod.ip', peer)] : []
    const more = config.passthrough ? address : enrich(found, attributes)
    const changed = addMissing(attributes, more)
    return changed === attributes ? resource : { ...resource, attributes: changed }
  }
  return {
    start() {
      if (!isStarted && !config.passthrough) source.start()
      isStarted = true
      return Promise.resolve()
    },
    async shutdown() {
      if (isStarted && !config.passthrough) await source.stop()
      isStarted = false
    },
    consume(batch, info: Info) {
      const peer = bareIp(info.client?.address ?? '')
      return next.consume(
        batch.mapResources((resource) => complete(resource, peer)),
        info,
      )
    },
  }
}
