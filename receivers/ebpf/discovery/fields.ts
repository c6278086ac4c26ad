import { bool, duration, enumOf, type Infer, list, object, text } from '../../../config/fields.ts'
import { ownPatternsOf, ownRoutesFields } from '../routes/fields.ts'
import { samplerFields } from '../trace_context/sampler_fields.ts'
import { samplerByName } from '../trace_context/sampling.ts'
import type { ServiceSettings } from './process.ts'
import type { InstrumentEntry, SelectionRules } from './selection.ts'
import {
  criteriaOf,
  hasCriterion,
  selectorFields,
  selectorOf,
  serviceFields,
} from './selector_fields.ts'

const instrumentEntry = selectorFields.extend({
  name: text().default('').describe('`service.name` of processes that are told none themselves.'),
  namespace: text().default('').describe('`service.namespace` of the same.'),
  exports: list(enumOf(['traces', 'metrics', 'logs']))
    .describe('Signals made of these processes; without traces and metrics they are not watched.')
    .optional(),
  routes: ownRoutesFields.describe('Routes of these processes.'),
  sampler: samplerFields.describe('Which spans of these processes are kept.'),
})

const serviceEntry = serviceFields.extend({
  name: text().default('').describe('`service.name` of processes that are told none themselves.'),
  namespace: text().default('').describe('`service.namespace` of the same.'),
})

/** The `discovery` section. */
export const discoveryFields = object({
  instrument: list(instrumentEntry.check(hasCriterion)).describe(
    'Processes to watch: any entry, all criteria of it. Empty: every process. A later entry overrides the name, namespace, exports, sampler and routes of an earlier one.',
  ),
  exclude_instrument: list(selectorFields.check(hasCriterion)).describe(
    'Processes not to watch, whatever `instrument` says.',
  ),
  default_exclude_instrument: list(selectorFields.check(hasCriterion))
    .describe(
      'In place of what is never watched: telemetry agents, and namespaces of the cluster itself.',
    )
    .optional(),
  services: list(serviceEntry.check((entry) => hasCriterion(criteriaOf(entry)))).describe(
    "OBI's older form of `instrument`, with regular expressions; without effect beside that.",
  ),
  exclude_services: list(serviceFields.check((entry) => hasCriterion(criteriaOf(entry)))).describe(
    "OBI's older form of `exclude_instrument`, with regular expressions; both count.",
  ),
  poll_interval: duration()
    .min(0)
    .default(0)
    .describe('Without effect: the kernel tells of every process at once.'),
  exclude_otel_instrumented_services: bool()
    .default(true)
    .describe(
      'No spans and no metrics of a process that was seen to export traces by OTLP itself.',
    ),
})

type Config = Infer<typeof discoveryFields>
type EntryConfig = Config['instrument'][number]

/** What the section says, for Selection. */
export const rulesOf = (config: Config): SelectionRules => ({
  instrument:
    config.instrument.length > 0 ? config.instrument.map(entryOf) : config.services.map(serviceOf),
  exclude: [
    ...config.exclude_instrument.map((entry) => selectorOf(entry)),
    ...config.exclude_services.map((entry, index) => ({
      ...selectorOf(criteriaOf(entry)),
      rule: `exclude_services[${index}]`,
    })),
  ],
  defaultExclude: config.default_exclude_instrument?.map((entry) => selectorOf(entry)),
  excludeInstrumented: config.exclude_otel_instrumented_services,
})

const entryOf = (entry: EntryConfig): InstrumentEntry => ({
  ...selectorOf(entry),
  settings: settingsOf(entry),
})

const serviceOf = (
  { name, namespace, ...entry }: Config['services'][number],
  index: number,
): InstrumentEntry => ({
  ...selectorOf(criteriaOf(entry)),
  rule: `services[${index}]`,
  settings: namesOf(name, namespace),
})

const namesOf = (name: string, namespace: string): Partial<ServiceSettings> => ({
  ...(name !== '' && { name }),
  ...(namespace !== '' && { namespace }),
})

/** Only what the entry says: the rest is left to other entries. */
function settingsOf(entry: EntryConfig): Partial<ServiceSettings> {
  const { name, namespace, exports, sampler } = entry
  const routes = ownPatternsOf(entry.routes)
  return {
    ...namesOf(name, namespace),
    ...(routes && { routes }),
    ...(exports && {
      exportsTraces: exports.includes('traces'),
      exportsMetrics: exports.includes('metrics'),
    }),
    ...(sampler.name !== '' && { sample: samplerByName(sampler.name, String(sampler.arg)) }),
  }
}
