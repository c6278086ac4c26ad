import {
  type Attribute,
  type Attributes,
  attribute,
  attributeIn,
  string,
} from '../../pipeline/data/attributes.ts'
import type { Scope } from '../../pipeline/data/resource.ts'
import { codeName, kindName, type Span } from '../../pipeline/data/traces.ts'
import { valueText } from '../../pipeline/data/value_text.ts'
import { hasThreshold } from '../../pipeline/metrics/adjusted_count.ts'
import { compileExpression, remembering } from '../../pipeline/regexp.ts'
import { INSTANCE_ID } from '../../pipeline/telemetry/resource.ts'
import {
  DEFAULT_DIMENSIONS,
  type DimensionConfig,
  INSTANCE,
  type SpanMetricsConfig,
} from './config.ts'
import { dottedGlob } from './glob.ts'

/** Where labels are looked for, first in the first. */
export type Lists = readonly Attributes[]

/** Adds the labels of one dimension that an item has. */
type Dimension = (labels: Attribute[], lists: Lists) => void

/** One attribute, or all whose names match. */
function compileDimension({ name, glob, default: fallback }: DimensionConfig): Dimension {
  if (glob !== '') return compileGlob(glob)
  const missing = fallback === undefined ? undefined : string(name, fallback)
  return (labels, lists) => {
    const value = attributeIn(lists, name)
    if (value !== undefined) labels.push({ key: name, value })
    else if (missing !== undefined) labels.push(missing)
  }
}

function compileGlob(glob: string): Dimension {
  const expression = compileExpression(dottedGlob(glob))
  const isMeant = remembering((key) => expression.test(key))
  return (labels, lists) => {
    const known = new Set(labels.map((one) => one.key))
    for (const one of lists.flatMap(sorted)) {
      if (known.has(one.key) || !isMeant(one.key)) continue
      known.add(one.key)
      labels.push(one)
    }
  }
}

/** Equal series whatever the order of attributes. */
const sorted = (attributes: Attributes): Attributes =>
  attributes.toSorted((a, b) => (a.key < b.key ? -1 : 1))

/** Of two dimensions with one name the later one has the word, if it says what stands for a missing attribute. */
function withoutTwins(dimensions: readonly DimensionConfig[]): readonly DimensionConfig[] {
  const byName = new Map<string, DimensionConfig>()
  for (const one of dimensions) {
    const key = `${one.name}\0${one.glob}`
    byName.set(key, { ...one, default: one.default ?? byName.get(key)?.default })
  }
  return [...byName.values()]
}

export type LabelsOf = (span: Span, service: string, scope: Scope, lists: Lists) => Attribute[]

/** The labels that all metrics have in common, and after them those of some dimensions of one metric. */
export function compileLabels(
  config: SpanMetricsConfig,
  own: readonly DimensionConfig[],
): LabelsOf {
  const left = new Set(config.exclude_dimensions)
  const scopes = new Set(config.include_instrumentation_scope)
  const dimensions = withoutTwins([...config.dimensions, ...own]).map(compileDimension)
  const [service, name, kind, code] = DEFAULT_DIMENSIONS.map((one) => !left.has(one))
  const instance = left.has(INSTANCE) ? undefined : string(INSTANCE, INSTANCE_ID)
  const method = config.enable_metrics_sampling_method
  return (span, serviceName, scope, lists) => {
    const labels: Attribute[] = []
    if (service) labels.push(string('service.name', serviceName))
    if (name) labels.push(string('span.name', span.name))
    if (kind) labels.push(string('span.kind', kindName(span.kind)))
    if (code) labels.push(string('status.code', codeName(span.status.code)))
    if (instance) labels.push(instance)
    if (scope.name !== '' && scopes.has(scope.name)) labels.push(...scopeLabels(scope))
    if (method) labels.push(string('sampling.method', methodOf(span)))
    for (const dimension of dimensions) dimension(labels, lists)
    return labels
  }
}

const scopeLabels = ({ name, version }: Scope): readonly Attribute[] => [
  string('span.instrumentation.scope.name', name),
  ...(version === '' ? [] : [string('span.instrumentation.scope.version', version)]),
]

const methodOf = ({ traceState }: Span): string =>
  hasThreshold(traceState) ? 'extrapolated' : 'counted'

/** Undefined if a resource names no service: the Collector makes no metrics of it. */
export function serviceOf(attributes: Attributes): string | undefined {
  const value = attribute(attributes, 'service.name')
  return value && valueText(value)
}
