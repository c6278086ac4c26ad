import { bool, duration, type Infer, int, object } from '../../config/fields.ts'

export const schema = object({
  wait_duration: duration()
    .min(0)
    .default(1000)
    .describe('How long spans of a trace wait for others, from the first one on.'),
  num_traces: int()
    .min(1)
    .default(1_000_000)
    .describe('Traces that wait at most; beyond that the oldest goes on before its time.'),
  num_workers: int()
    .min(1)
    .default(1)
    .describe('No effect: one thread does it, and the result is the same.'),
  discard_orphans: bool()
    .default(false)
    .describe('Must be false, as in the Collector.')
    .check((found) => found && "option 'discard orphans' not supported in this release"),
  store_on_disk: bool()
    .default(false)
    .describe('Must be false, as in the Collector.')
    .check((found) => found && "option 'disk storage' not supported in this release"),
})

export type GroupByTraceConfig = Infer<typeof schema>
