import {
  anything,
  bool,
  duration,
  enumOf,
  type Infer,
  int,
  list,
  map,
  object,
  optional,
  text,
} from '../../config/fields.ts'
import { LEVELS } from './logger.ts'
import { processorFields } from './processor_fields.ts'

const sampling = optional(
  object({
    tick: duration().min(0).default(10_000).describe('For which equal messages are counted.'),
    initial: int().min(0).default(10).describe('That many of them are written in a tick.'),
    thereafter: int()
      .min(0)
      .default(100)
      .describe('Then only each of so many; 0 is none until the next tick.'),
  }),
  { absent: 'on', enabledKey: true, nullIsOff: true },
).describe('Leaves equal messages out when there are many; null is off.')

export type SamplingConfig = NonNullable<Infer<typeof sampling>>

/** `service::telemetry::logs`. */
export const logsFields = object({
  level: enumOf(LEVELS, (found) => `unrecognized level: ${JSON.stringify(found)}`)
    .anyCase()
    .default('info')
    .describe('The least severe messages that are written.'),
  encoding: enumOf(['console', 'json'])
    .default('console')
    .describe(
      '`console`: tabs between time, level, caller, message and fields; `json`: an object per line.',
    ),
  output_paths: list(text())
    .default(['stderr'])
    .describe('`stderr`, `stdout`, or files, to whose end lines are added.'),
  error_output_paths: list(text())
    .default(['stderr'])
    .describe('Where it is said that a line could not be written.'),
  initial_fields: map(anything()).describe('Fields on each line.'),
  disable_caller: bool()
    .default(false)
    .describe('Leaves away who speaks: `service`, or the type of a component.'),
  disable_stacktrace: bool()
    .default(false)
    .describe('Leaves away the stack of an error that is a bug.'),
  development: bool()
    .default(false)
    .describe('Writes the stack of every error, from level `warn` on.'),
  disable_zap_resource: bool()
    .default(false)
    .describe('Leaves the field `resource` away, which says which weir it is.'),
  sampling,
  processors: list(processorFields(1000)).describe('Sends lines as log records, too.'),
}).describe("weir's own log.")
