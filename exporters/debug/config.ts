import { bool, enumOf, type Infer, int, list, object, text } from '../../config/fields.ts'
import { queueFieldsOff } from '../../pipeline/queue.ts'

export const schema = object({
  verbosity: enumOf(['basic', 'normal', 'detailed'])
    .default('basic')
    .describe('basic: counts of each batch; normal: a line for each item; detailed: everything.'),
  sampling_initial: int()
    .min(0)
    .default(2)
    .describe('Messages of each second that are shown first.'),
  sampling_thereafter: int()
    .min(0)
    .default(1)
    .describe('Then every how many-th is shown; 1 is each, 0 none.'),
  use_internal_logger: bool()
    .default(true)
    .describe("Whether it goes to weir's own log; otherwise to output_paths."),
  output_paths: list(text().nonEmpty())
    .default([])
    .describe(
      'Where it goes without the internal logger: stdout, if nothing is said, stderr, files, which it appends to.',
    ),
  sending_queue: queueFieldsOff,
}).check(
  ({ use_internal_logger, output_paths }) =>
    use_internal_logger &&
    output_paths.length > 0 &&
    'output_paths is not supported when use_internal_logger is true',
  'output_paths',
)

export type DebugConfig = Infer<typeof schema>
