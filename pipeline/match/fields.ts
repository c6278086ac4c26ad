import {
  anything,
  bool,
  enumOf,
  type Infer,
  int,
  list,
  object,
  optional,
  text,
} from '../../config/fields.ts'
import { expressionFault } from '../regexp.ts'

const MATCH_TYPES = ['strict', 'regexp'] as const

/** Attributes that are looked for. */
export const attributePairs = () =>
  list(
    object({
      key: text().default('').describe('Of the attribute.'),
      value: anything().optional().describe('What it must be; anything if absent.'),
    }),
  )

/** From which severity on log records match. */
export const severityNumber = () =>
  optional(
    object({
      min: int().min(0).max(24).default(0).describe('The lowest that matches.'),
      match_undefined: bool().default(false).describe('Whether a record without one matches.'),
    }),
  )

export const regexpCache = () =>
  object({
    cacheenabled: bool().default(false).describe('No effect: weir needs no cache to be fast.'),
    cachemaxnumentries: int().min(0).default(0).describe('No effect, as cacheenabled.'),
  }).describe("Of the Collector's cache.")

const properties = object({
  match_type: enumOf(
    MATCH_TYPES,
    (found) => `unrecognized match_type: '${found}', valid types are: [regexp strict]`,
  ).describe('Whether texts are compared as they stand, or are regular expressions (RE2).'),
  regexp: regexpCache(),
  services: list(text()).describe('Spans: service.name of the resource is one of these.'),
  span_names: list(text()).describe('Spans: the name is one of these.'),
  span_kinds: list(text()).describe('Spans: the kind is one of these, as SPAN_KIND_SERVER.'),
  log_bodies: list(text()).describe('Log records: the body as text is one of these.'),
  log_severity_texts: list(text()).describe('Log records: the severity text is one of these.'),
  log_severity_number: severityNumber().describe('Log records: by their severity number.'),
  metric_names: list(text()).describe('Data points: the name of the metric is one of these.'),
  attributes: attributePairs().describe('The item has all of these attributes.'),
  resources: attributePairs().describe('The resource has all of these attributes.'),
  libraries: list(
    object({
      name: text().default('').describe('Of the instrumentation scope.'),
      version: text().optional().describe('Any if absent; an empty one matches none but that.'),
    }),
  ).describe('The instrumentation scope matches all of these.'),
})

export type MatchProperties = Infer<typeof properties>

/** `include` or `exclude` of a processor: off unless it is there. */
export const matchField = (about: string) =>
  optional(properties.check(keyFault).check(textFault).check(valueFault)).describe(about)

/** The same where it is for spans alone. */
export const spanMatchField = (about: string) =>
  matchField(about).check((found) => found && spanFault(found))

const keyFault = ({ attributes, resources }: MatchProperties) =>
  [...attributes, ...resources].some(({ key }) => key === '') &&
  "can't have empty key in the list of attributes"

/** An expression that does not compile. */
function textFault(config: MatchProperties): string | undefined {
  if (config.match_type !== 'regexp') return undefined
  const texts = [
    ...config.services,
    ...config.span_names,
    ...config.span_kinds,
    ...config.log_bodies,
    ...config.log_severity_texts,
    ...config.metric_names,
    ...config.libraries.flatMap(({ name, version }) => [name, version ?? '']),
    ...valuesOf(config).filter((value) => typeof value === 'string'),
  ]
  return expressionFault(texts)
}

const valuesOf = ({ attributes, resources }: MatchProperties) =>
  [...attributes, ...resources].flatMap(({ value }) => (value === undefined ? [] : [value]))

function valueFault(config: MatchProperties): string | undefined {
  if (config.match_type !== 'regexp') return undefined
  const wrong = [...config.attributes, ...config.resources].find(
    ({ value }) => value !== undefined && typeof value !== 'string',
  )
  return (
    wrong &&
    `match_type=regexp for "${wrong.key}" only supports Str, but found ${typeof wrong.value}`
  )
}

const SPAN_KINDS = ['CLIENT', 'CONSUMER', 'INTERNAL', 'PRODUCER', 'SERVER'].map(
  (kind) => `SPAN_KIND_${kind}`,
)

/** What is wrong with properties for one signal, in the words of the Collector. */
export const SIGNAL_FAULTS = {
  traces: spanFault,
  logs: logFault,
  metrics: metricFault,
} as const

function spanFault(config: MatchProperties): string | undefined {
  const { log_severity_number: number } = config
  if (config.log_bodies.length > 0) return 'log_bodies should not be specified for trace spans'
  if (config.log_severity_texts.length > 0)
    return 'log_severity_texts should not be specified for trace spans'
  if (number !== undefined) return 'log_severity_number should not be specified for trace spans'
  if (config.metric_names.length > 0) return 'metric_names should not be specified for trace spans'
  const { services, span_names, span_kinds, attributes, libraries, resources } = config
  if ([services, span_names, span_kinds, attributes, libraries, resources].every(isEmpty)) {
    return 'at least one of "attributes", "libraries",  or "resources" field must be specified'
  }
  const standard = span_kinds.every((kind) => SPAN_KINDS.includes(kind))
  if (config.match_type === 'regexp' || standard) return undefined
  return `span_kinds string must match one of the standard span kinds when match_type=strict: [${SPAN_KINDS.join(' ')}]`
}

function logFault(config: MatchProperties): string | undefined {
  const { services, span_names, span_kinds, attributes, libraries, resources } = config
  if (![services, span_names, span_kinds, config.metric_names].every(isEmpty)) {
    return 'services, span_names, and span_kinds are not valid for log records'
  }
  const { log_bodies, log_severity_texts, log_severity_number } = config
  const lists = [attributes, libraries, resources, log_bodies, log_severity_texts]
  if (log_severity_number !== undefined || !lists.every(isEmpty)) return undefined
  return 'at least one of "attributes", "libraries", "span_kinds", "resources", "log_bodies", "log_severity_texts" or "log_severity_number" field must be specified'
}

function metricFault(config: MatchProperties): string | undefined {
  const { span_names, span_kinds, log_bodies, log_severity_texts, services } = config
  const { attributes, libraries } = config
  const lists = [span_names, span_kinds, log_bodies, log_severity_texts, services]
  if (config.log_severity_number === undefined && [...lists, attributes, libraries].every(isEmpty))
    return undefined
  return '"span_names", "span_kinds", "log_bodies", "log_severity_texts", "log_severity_number", "services", "attributes" and "libraries" are not valid for metrics'
}

const isEmpty = (items: readonly unknown[]): boolean => items.length === 0
