import { type Infer, object } from '../../config/fields.ts'
import { compileActions } from '../../pipeline/attribute_actions/actions.ts'
import { actionsField } from '../../pipeline/attribute_actions/fields.ts'
import { type Consumer, defineProcessor, stateless } from '../../pipeline/component.ts'
import type { Resource } from '../../pipeline/data/resource.ts'

const schema = object({
  attributes: actionsField('attributes').describe(
    'What is done to the attributes of each resource, in this order.',
  ),
})

interface HasResources<B> {
  mapResources(change: (resource: Resource) => Resource): B
}

/** The items of a resource pass as they are: only the resource is decoded. */
function processor<B extends HasResources<B>>(config: Infer<typeof schema>, next: Consumer<B>) {
  const act = compileActions(config.attributes)
  const consume: Consumer<B>['consume'] = (batch, info) =>
    next.consume(
      batch.mapResources((resource) => {
        const attributes = act(resource.attributes, info)
        return attributes === resource.attributes ? resource : { ...resource, attributes }
      }),
      info,
    )
  return { ...stateless, consume }
}

/** Changes the attributes of resources. */
export const resource = defineProcessor({
  type: 'resource',
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta', profiles: 'alpha' },
  access: 'resource',
  schema,
  create: {
    traces: (_ctx, config, next) => processor(config, next),
    metrics: (_ctx, config, next) => processor(config, next),
    logs: (_ctx, config, next) => processor(config, next),
    profiles: (_ctx, config, next) => processor(config, next),
  },
})
