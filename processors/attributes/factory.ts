import { type Infer, object } from '../../config/fields.ts'
import { compileActions } from '../../pipeline/attribute_actions/actions.ts'
import { actionsField } from '../../pipeline/attribute_actions/fields.ts'
import { type Consumer, defineProcessor, stateless } from '../../pipeline/component.ts'
import type { Batch } from '../../pipeline/data/batch.ts'

const schema = object({
  actions: actionsField().describe(
    'What is done to the attributes of each span, data point and log record, in this order.',
  ),
})

function processor<R>(config: Infer<typeof schema>, next: Consumer<Batch<R>>) {
  const act = compileActions(config.actions)
  const consume: Consumer<Batch<R>>['consume'] = (batch, info) =>
    next.consume(
      batch.mapAttributes((attributes) => act(attributes, info)),
      info,
    )
  return { ...stateless, consume }
}

/** Changes the attributes of spans, data points and log records. */
export const attributes = defineProcessor({
  type: 'attributes',
  stability: { traces: 'alpha', metrics: 'alpha', logs: 'alpha' },
  access: 'items',
  schema,
  create: {
    traces: (_ctx, config, next) => processor(config, next),
    metrics: (_ctx, config, next) => processor(config, next),
    logs: (_ctx, config, next) => processor(config, next),
  },
})
