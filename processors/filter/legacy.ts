import { enumOf, type Infer, list, object, optional, text } from '../../config/fields.ts'
import type { LogRecord } from '../../pipeline/data/logs.ts'
import type { Metric } from '../../pipeline/data/metrics.ts'
import type { Span } from '../../pipeline/data/traces.ts'
import {
  attributePairs,
  type MatchProperties,
  regexpCache,
  severityNumber,
  spanMatchField,
} from '../../pipeline/match/fields.ts'
import { logTests, metricTests, spanTests } from '../../pipeline/match/items.ts'
import { compileMatch, type ItemTest } from '../../pipeline/match/matcher.ts'
import { refused } from '../../pipeline/net/refused.ts'
import type { Frame, Test } from '../../pipeline/ottl/frame.ts'
import { expressionFault } from '../../pipeline/regexp.ts'

/** A language of its own for three questions, each of which has an answer in OTTL; nothing else of the Collector takes it. */
const NO_EXPR =
  'expressions of match_type expr are another language than OTTL: write them under metric_conditions, ' +
  'which tell what is dropped (for include: not (...)). MetricName is metric.name, ' +
  'HasLabel("k") is HasAttrKeyOnDatapoint("k"), Label("k") == "v" is HasAttrOnDatapoint("k", "v"), ' +
  'MetricName matches "^a" is IsMatch(metric.name, "^a"), && || ! are and or not'

const matchType = (ofExpr?: string) =>
  enumOf(['strict', 'regexp'], (found) =>
    found === 'expr' && ofExpr !== undefined
      ? `not supported: ${ofExpr}`
      : `unrecognized match_type: '${found}', valid types are: [regexp strict]`,
  ).describe('Whether texts are compared as they stand, or are regular expressions (RE2).')

const metricMatch = object({
  match_type: matchType(NO_EXPR),
  expressions: refused('match_type expr is refused, too'),
  metric_names: list(text()).describe('The name of the metric is one of these.'),
  resource_attributes: attributePairs().describe('The resource has all of these attributes.'),
  regexp: regexpCache(),
}).check(matchFault)

const logMatch = object({
  match_type: matchType(),
  resource_attributes: attributePairs().describe('The resource has all of these attributes.'),
  record_attributes: attributePairs().describe('The record has all of these attributes.'),
  severity_texts: list(text()).describe('The severity text is one of these.'),
  bodies: list(text()).describe('The body as text is one of these.'),
  severity_number: severityNumber().describe('By the severity number.'),
}).check(matchFault)

interface Texts {
  readonly match_type: string
  readonly metric_names?: readonly string[]
  readonly severity_texts?: readonly string[]
  readonly bodies?: readonly string[]
}

function matchFault(match: Texts): string | undefined {
  if (match.match_type !== 'regexp') return undefined
  const { metric_names = [], severity_texts = [], bodies = [] } = match
  return expressionFault([...metric_names, ...severity_texts, ...bodies])
}

const both = <T>(field: (about: string) => T) => ({
  include: field('Only what matches this passes. The old way; conditions in OTTL are the new one.'),
  exclude: field('What matches this is dropped. The old way.'),
})

export const spanFields = both(spanMatchField)
export const metricFields = both((about) => optional(metricMatch).describe(about))
export const logFields = both((about) => optional(logMatch).describe(about))

type MetricMatch = Infer<typeof metricMatch>
type LogMatch = Infer<typeof logMatch>

const NOTHING: MatchProperties = {
  match_type: 'strict',
  regexp: { cacheenabled: false, cachemaxnumentries: 0 },
  services: [],
  span_names: [],
  span_kinds: [],
  log_bodies: [],
  log_severity_texts: [],
  log_severity_number: undefined,
  metric_names: [],
  attributes: [],
  resources: [],
  libraries: [],
}

interface Both<T> {
  readonly include?: T | undefined
  readonly exclude?: T | undefined
}

const properties = ({ match_type, ...match }: LogMatch): MatchProperties => ({
  ...NOTHING,
  match_type,
  resources: match.resource_attributes,
  attributes: match.record_attributes,
  log_bodies: match.bodies,
  log_severity_texts: match.severity_texts,
  log_severity_number: match.severity_number,
})

/** Whether all of the properties are true of what the frame holds; undefined if there are none. */
function testOf<Item extends { readonly attributes?: Span['attributes'] }>(
  match: MatchProperties | undefined,
  tests: ItemTest<Item>,
  item: (frame: Frame) => Item,
): Test | undefined {
  if (match === undefined) return undefined
  const { resource, scope, item: own, attributes } = compileMatch(match, tests)
  return (frame) => {
    const found = item(frame)
    return (
      resource?.(frame.resource) !== false &&
      scope?.(frame.scope) !== false &&
      own?.(found) !== false &&
      attributes?.(found.attributes ?? []) !== false
    )
  }
}

/** Whether an item is dropped: it is not included, or excluded. */
function dropping(include: Test | undefined, exclude: Test | undefined): Test | undefined {
  if (include === undefined && exclude === undefined) return undefined
  return (frame) => include?.(frame) === false || exclude?.(frame) === true
}

export const dropsSpan = ({ include, exclude }: Both<MatchProperties>) =>
  dropping(
    testOf(include, spanTests, (frame) => frame.span),
    testOf(exclude, spanTests, (frame) => frame.span),
  )

export function dropsRecord({ include, exclude }: Both<LogMatch>): Test | undefined {
  const test = (match: LogMatch | undefined) =>
    testOf<LogRecord>(match && properties(match), logTests, (frame) => frame.log)
  return dropping(test(include), test(exclude))
}

/** By the name of the metric and by the resource, each on its own; what is not given does not drop. */
export function dropsMetric({ include, exclude }: Both<MetricMatch>): Test | undefined {
  const byName = (match: MetricMatch | undefined) =>
    match && match.metric_names.length > 0
      ? testOf<Metric & { attributes?: Span['attributes'] }>(
          { ...NOTHING, match_type: match.match_type, metric_names: match.metric_names },
          metricTests,
          (frame) => frame.metric,
        )
      : undefined
  const byResource = (match: MetricMatch | undefined) =>
    match && match.resource_attributes.length > 0
      ? testOf<Metric & { attributes?: Span['attributes'] }>(
          { ...NOTHING, match_type: match.match_type, resources: match.resource_attributes },
          metricTests,
          (frame) => frame.metric,
        )
      : undefined
  const tests = [
    dropping(byName(include), byName(exclude)),
    dropping(byResource(include), byResource(exclude)),
  ].filter((test) => test !== undefined)
  return tests.length === 0 ? undefined : (frame) => tests.some((test) => test(frame))
}
