import { type Infer, map, object, text } from '../../config/fields.ts'
import { defineConnector } from '../../pipeline/component.ts'
import { type Attributes, attribute } from '../../pipeline/data/attributes.ts'
import {
  conditionsFault,
  rulesBy,
  type Tallied,
  tallyCreate,
  tallyFields,
} from '../../pipeline/metrics/tally_connector.ts'

const sums = (kind: Tallied, what: string) =>
  map(
    object({
      source_attribute: text()
        .nonEmpty()
        .describe('The attribute whose values are added: a number, or a text that is one.'),
      ...tallyFields,
    }),
  )
    .describe(`Sums over ${what}, by the names of their metrics.`)
    .check((found) => conditionsFault(kind, found))

const schema = object({
  spans: sums('spans', 'spans'),
  spanevents: sums('spanevents', 'span events'),
  metrics: sums('metrics', 'metrics').check(
    ({ size }) => size > 0 && 'a metric has no attributes that could be added up: use datapoints',
  ),
  datapoints: sums('datapoints', 'data points'),
  logs: sums('logs', 'log records'),
})

/** The number that an attribute holds; items without one are left out. */
function numberIn(attributes: Attributes, key: string): number | undefined {
  const value = attribute(attributes, key)
  if (value?.kind === 'int' || value?.kind === 'double') return Number(value.value)
  if (value?.kind !== 'string' || value.value.trim() === '') return undefined
  const number = Number(value.value)
  return Number.isFinite(number) ? number : undefined
}

function rulesOf(config: Infer<typeof schema>) {
  const of = (kind: Tallied) =>
    [...config[kind]].map(([name, { source_attribute: source, ...rule }]) => ({
      ...rule,
      name,
      kind: 'double' as const,
      value: (attributes: Attributes) => numberIn(attributes, source),
      attributes: rule.attributes.map(({ key, default_value }) => ({ key, default_value })),
    }))
  return rulesBy(of)
}

/** Adds up numbers that attributes hold, by OTTL conditions and attributes. */
export const sum = defineConnector({
  type: 'sum',
  stability: { 'traces->metrics': 'alpha', 'metrics->metrics': 'alpha', 'logs->metrics': 'alpha' },
  access: 'items',
  schema,
  create: tallyCreate('sumconnector', rulesOf),
})
