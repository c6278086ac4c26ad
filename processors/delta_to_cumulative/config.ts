import { duration, type Infer, int, object } from '../../config/fields.ts'

export const schema = object({
  max_stale: duration()
    .min(1)
    .default(300_000)
    .describe('A stream that is silent for so long is forgotten, and begins anew.'),
  max_streams: int()
    .min(1)
    .default(1_000_000)
    .describe('Streams at most; points of others are dropped.'),
})

export type CumulativeConfig = Infer<typeof schema>
