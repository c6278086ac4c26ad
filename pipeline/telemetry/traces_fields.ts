import { enumOf, float, type Infer, list, object, optional } from '../../config/fields.ts'
import { processorFields } from './processor_fields.ts'

const ROOTS = {
  always_on: optional(object({})).describe('Every span.'),
  always_off: optional(object({})).describe('No span.'),
  trace_id_ratio_based: optional(
    object({ ratio: float().min(0).max(1).default(1).describe('Part of all traces, 0 to 1.') }),
  ).describe('A part of all traces.'),
}

const root = object(ROOTS)

const sampler = object({
  ...ROOTS,
  parent_based: optional(
    object({ root: optional(root).describe('For spans without a parent; every span if missing.') }),
  ).describe('As the parent was.'),
})

export type RootSamplerConfig = Infer<typeof root>
export type SamplerConfig = Infer<typeof sampler>

/** `service::telemetry::traces`. */
export const tracesFields = object({
  level: enumOf(
    ['none', 'basic', 'normal', 'detailed'],
    (found) => `unknown traces level ${JSON.stringify(found)}`,
  )
    .anyCase()
    .default('normal')
    .describe('`none`: no spans; each other level is the same.'),
  propagators: list(
    enumOf(['tracecontext', 'b3'], (found) => `unsupported trace propagator "${found}"`),
  ).describe("In which headers a receiver looks for a sender's trace; none: each span is a root."),
  processors: list(processorFields(5000)).describe('How spans leave; none: there are none.'),
  sampler: optional(sampler).describe(
    'Which spans; as their parent was, and every root, if missing.',
  ),
}).describe(
  "weir's own traces: a span for each request of a receiver and for each batch of an exporter.",
)

export type TracesConfig = Infer<typeof tracesFields>
