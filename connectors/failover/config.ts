import { duration, type Infer, list, object, text } from '../../config/fields.ts'

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
})

export type FailoverConfig = Infer<typeof schema>
