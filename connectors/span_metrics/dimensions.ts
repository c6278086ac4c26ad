import {
  type Attribute,
  type Attributes,
  attribute,
  string,
} from '../../pipeline/data/attributes.ts'
import type { Resource, Scope } from '../../pipeline/data/resource.ts'
import { codeName, kindName, type Span } from '../../pipeline/data/traces.ts'
import { valueText } from '../../pipeline/data/value_text.ts'
import { globExpression } from '../../pipeline/ottl/functions/glob.ts'
import { compileExpression, remembering } from '../../pipeline/regexp.ts'
import type { DimensionConfig, SpanMetricsConfig } from './config.ts'

export const DEFAULT_DIMENSIONS = ['service.name', 'span.name', 'span.kind', 'status.code']
const INSTANCE = 'collector.instance.id'

/** Adds the labels of one dimension that an item has. */
type Dimension = (labels: Attribute[], item: Attributes, resource: Attributes) => void

/** One attribute, of the item or else of its resource, or all whose names match. */
function compileDimension({ name, glob, default: fallback }: DimensionConfig): Dimension {
  if (glob !== '') return compileGlob(glob)
  const missing = fallback === undefined ? undefined : string(name, fallback)
  return (labels, item, resource) => {
    const value = attribute(item, name) ?? attribute(resource, name)
    if (value !== undefined) labels.push({ key: name, value })
    else if (missing !== undefined) labels.push(missing)
  }
}

function compileGlob(glob: string): Dimension {
  const expression = compileExpression(globExpression(glob))
  const isMeant = remembering((key) => expression.test(key))
  return (labels, item, resource) => {
    const known = new Set(labels.map((one) => one.key))
    for (const one of [...item, ...resource]) {
      if (known.has(one.key) || !isMeant(one.key)) continue
      known.add(one.key)
      labels.push(one)
    }
  }
}

export type LabelsOf = (span: Span, resource: Resource, scope: Scope) => Attribute[]

/** The labels that calls and durations have in common, some dimensions of their own after them. */
export function compileLabels(
  config: SpanMetricsConfig,
  own: readonly DimensionConfig[],
  instanceId: string,
): LabelsOf {
  const left = new Set(config.exclude_dimensions)
  const scopes = new Set(config.include_instrumentation_scope)
  const dimensions = [...config.dimensions, ...own]
    .filter(({ name }) => !left.has(name))
    .map(compileDimension)
  const [service, name, kind, code] = DEFAULT_DIMENSIONS.map((one) => !left.has(one))
  const instance = left.has(INSTANCE) ? undefined : string(INSTANCE, instanceId)
  return (span, resource, scope) => {
    const labels: Attribute[] = []
    if (service) labels.push(string('service.name', serviceOf(resource)))
    if (name) labels.push(string('span.name', span.name))
    if (kind) labels.push(string('span.kind', kindName(span.kind)))
    if (code) labels.push(string('status.code', codeName(span.status.code)))
    if (instance) labels.push(instance)
    if (scopes.has(scope.name)) labels.push(string('span.instrumentation.scope.name', scope.name))
    for (const dimension of dimensions) dimension(labels, span.attributes, resource.attributes)
    return labels
  }
}

/** The labels of events, after those of their span. */
export function compileEventLabels(found: readonly DimensionConfig[]) {
  const dimensions = found.map(compileDimension)
  return (labels: readonly Attribute[], event: Attributes, resource: Resource): Attribute[] => {
    const all = [...labels]
    for (const dimension of dimensions) dimension(all, event, resource.attributes)
    return all
  }
}

function serviceOf({ attributes }: Resource): string {
  const value = attribute(attributes, 'service.name')
  return value === undefined ? '' : valueText(value)
}
