import { type Infer, object } from '../../config/fields.ts'
import { compileActions } from '../../pipeline/attribute_actions/actions.ts'
import { actionsField } from '../../pipeline/attribute_actions/fields.ts'
import { type Consumer, defineProcessor, stateless } from '../../pipeline/component.ts'
import type { Batch } from '../../pipeline/data/batch.ts'
import {
  type Change,
  mapPointAttributes,
  mapRecordAttributes,
  mapSpanAttributes,
} from '../../pipeline/data/map_attributes.ts'

const schema = object({
  actions: actionsField().describe(
    'What is done to the attributes of each span, data point and log record, in this order.',
  ),
})

function processor<R>(
  config: Infer<typeof schema>,
  next: Consumer<Batch<R>>,
  mapAttributes: (data: R, change: Change) => R,
) {
  const act = compileActions(config.actions)
  const consume: Consumer<Batch<R>>['consume'] = (batch, info) => {
    const change: Change = (attributes) => act(attributes, info)
    return next.consume(
      batch.map((data) => mapAttributes(data, change)),
      info,
    )
  }
  return { ...stateless, consume }
}

/** Changes the attributes of spans, data points and log records. */
export const attributes = defineProcessor({
  type: 'attributes',
  stability: { traces: 'alpha', metrics: 'alpha', logs: 'alpha' },
  access: 'items',
  schema,
  create: {
    traces: (_ctx, config, next) => processor(config, next, mapSpanAttributes),
    metrics: (_ctx, config, next) => processor(config, next, mapPointAttributes),
    logs: (_ctx, config, next) => processor(config, next, mapRecordAttributes),
  },
})
