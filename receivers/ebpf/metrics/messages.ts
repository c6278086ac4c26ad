import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions'
import { type Attributes, attribute } from '../../../pipeline/data/attributes.ts'
import { ATTR_WEIR_PARTIAL } from '../partial.ts'
import { ATTR_MESSAGING_BATCH_MESSAGE_COUNT, ATTR_MESSAGING_OPERATION_TYPE } from '../semconv.ts'

/** How many messages a call has tried to send, and has been handed; -1 of what it has not, or where that was not seen. */
export function messagesOf(attributes: Attributes): readonly [sent: number, consumed: number] {
  const type = attribute(attributes, ATTR_MESSAGING_OPERATION_TYPE)
  const name = type?.kind === 'string' ? type.value : ''
  if (name === 'send') return [countOf(attributes, [ATTR_WEIR_PARTIAL]), -1]
  if (name === 'receive' || name === 'process')
    return [-1, countOf(attributes, [ATTR_WEIR_PARTIAL, ATTR_ERROR_TYPE])]
  return [-1, -1]
}

/** A single message has no count; with one of `none` nobody knows whether it was one. */
function countOf(attributes: Attributes, none: readonly string[]): number {
  const count = attribute(attributes, ATTR_MESSAGING_BATCH_MESSAGE_COUNT)
  if (count?.kind === 'int') return Number(count.value)
  return attributes.some(({ key }) => none.includes(key)) ? -1 : 1
}
