import { bool, duration, type Infer, object } from '../../config/fields.ts'

export const schema = object({
  interval: duration()
    .default(60_000)
    .describe('How often metrics are sent.')
    .check((found) => found <= 0 && 'invalid interval value'),
  pass_through: object({
    gauge: bool().default(false).describe('Whether gauges go on at once, as they come.'),
    summary: bool().default(false).describe('Whether summaries go on at once, as they come.'),
  }).describe('What does not wait.'),
})

export type IntervalConfig = Infer<typeof schema>
