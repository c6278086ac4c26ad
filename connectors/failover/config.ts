import { duration, type Infer, int, list, object, text } from '../../config/fields.ts'
import { queueFieldsOff } from '../../pipeline/queue.ts'

export const schema = object({
  priority_levels: list(list(text()))
    .describe('Lists of pipelines, the first one best. All pipelines of a level get each batch.')
    .check((levels) => levels.length === 0 && 'priority levels are not configured')
    .check(
      (levels) => levels.some((one) => one.length === 0) && 'a priority level has no pipelines',
    ),
  retry_interval: duration()
    .min(1)
    .default(600_000)
    .describe('How long a level that failed is left alone.'),
  sending_queue: queueFieldsOff.describe(
    'A queue before the levels, so that no sender waits while levels fail; off unless it is there.',
  ),
  retry_gap: duration()
    .default(0)
    .describe('No effect, as in the Collector: retry_interval says it all.'),
  max_retries: int().default(0).describe('No effect, as in the Collector.'),
})

export type FailoverConfig = Infer<typeof schema>
