import { type Infer, map, object } from '../../config/fields.ts'
import { defineConnector } from '../../pipeline/component.ts'
import {
  conditionsFault,
  rulesBy,
  type Tallied,
  tallyCreate,
  tallyFields,
} from '../../pipeline/metrics/tally_connector.ts'

const DEFAULTS = {
  spans: ['trace.span.count', 'The number of spans observed.'],
  spanevents: ['trace.span.event.count', 'The number of span events observed.'],
  metrics: ['metric.count', 'The number of metrics observed.'],
  datapoints: ['metric.datapoint.count', 'The number of data points observed.'],
  logs: ['log.record.count', 'The number of log records observed.'],
} as const satisfies Readonly<Record<Tallied, readonly [name: string, description: string]>>

const defaultOf = (kind: Tallied) =>
  new Map([[DEFAULTS[kind][0], { description: DEFAULTS[kind][1], conditions: [], attributes: [] }]])

const counts = (kind: Tallied, what: string) =>
  map(object(tallyFields))
    .default(defaultOf(kind))
    .describe(`Counts of ${what}, by the names of their metrics; {} is as good as nothing.`)
    .check((found) => conditionsFault(kind, found))

/** Of the metrics, as the Collector names it. */
const SCOPE = 'github.com/open-telemetry/opentelemetry-collector-contrib/connector/countconnector'

const schema = object({
  spans: counts('spans', 'spans'),
  spanevents: counts('spanevents', 'span events'),
  metrics: counts('metrics', 'metrics'),
  datapoints: counts('datapoints', 'data points'),
  logs: counts('logs', 'log records'),
})

function rulesOf(config: Infer<typeof schema>) {
  const of = (kind: Tallied) =>
    [...(config[kind].size === 0 ? defaultOf(kind) : config[kind])].map(([name, rule]) => ({
      ...rule,
      name,
      kind: 'int' as const,
      value: () => 1,
      attributes: rule.attributes.map(({ key, default_value }) => ({ key, default_value })),
    }))
  return rulesBy(of)
}

/** Counts items, by OTTL conditions and attributes. */
export const count = defineConnector({
  type: 'count',
  stability: { 'traces->metrics': 'beta', 'metrics->metrics': 'beta', 'logs->metrics': 'beta' },
  access: 'items',
  schema,
  create: tallyCreate(SCOPE, rulesOf),
})
