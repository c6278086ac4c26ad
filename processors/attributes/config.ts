import { type Infer, object } from '../../config/fields.ts'
import { actionsField } from '../../pipeline/attribute_actions/fields.ts'
import { matchField } from '../../pipeline/match/fields.ts'

export const schema = object({
  actions: actionsField('actions').describe(
    'What is done to the attributes of each span, data point and log record, in this order.',
  ),
  include: matchField('Only items that match all of this are acted on.'),
  exclude: matchField('Items that match all of this are not acted on.'),
})

export type AttributesConfig = Infer<typeof schema>
