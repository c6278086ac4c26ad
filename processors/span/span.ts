import {
  type AnyValue,
  type Attributes,
  attribute,
  string,
} from '../../pipeline/data/attributes.ts'
import { type ResourceSpans, type Span, StatusCode } from '../../pipeline/data/traces.ts'
import { SIGNAL_FAULTS } from '../../pipeline/match/fields.ts'
import { spanTests } from '../../pipeline/match/items.ts'
import { compileSelection, selectIn } from '../../pipeline/match/selection.ts'
import { compileExpression, type Expression } from '../../pipeline/regexp.ts'
import type { SpanConfig } from './config.ts'

type Change = (span: Span) => Span

const CODES = { Unset: StatusCode.unset, Error: StatusCode.error, Ok: StatusCode.ok }

/** What is done to the spans of a resource that are acted on: name, attributes, status, in this order. */
export function compileChange(config: SpanConfig): (data: ResourceSpans) => ResourceSpans {
  const { name, status } = config
  const steps = [
    ...(name.from_attributes.length > 0 ? [fromAttributes(name)] : []),
    ...(name.to_attributes === undefined ? [] : [toAttributes(name.to_attributes)]),
    ...(status === undefined ? [] : [setStatus(status)]),
  ]
  const apply = (span: Span) => steps.reduce((one, step) => step(one), span)
  const selection = compileSelection(config, SIGNAL_FAULTS.traces, spanTests)
  return (data) => {
    const selects = selectIn(selection, data.resource)
    if (selects === undefined) return data
    const scopeSpans = data.scopeSpans.map((one) => ({
      ...one,
      spans: one.spans.map((span) =>
        selects(span.attributes, one.scope, span) ? apply(span) : span,
      ),
    }))
    return { ...data, scopeSpans }
  }
}

function fromAttributes({ from_attributes: keys, separator }: SpanConfig['name']): Change {
  return (span) => {
    const values: string[] = []
    for (const key of keys) {
      const value = attribute(span.attributes, key)
      if (value === undefined) return span
      values.push(inName(value))
    }
    return { ...span, name: values.join(separator) }
  }
}

/** As the Collector has it: lists, maps, bytes and nothing are no part of a name. */
function inName(value: AnyValue): string {
  const plain = 'value' in value && !Array.isArray(value.value) && value.kind !== 'bytes'
  return plain ? String(value.value) : '<unknown-attribute-type>'
}

type ToAttributes = Exclude<SpanConfig['name']['to_attributes'], undefined>

function toAttributes(config: ToAttributes): Change {
  const rules = config.rules.map(compileExpression)
  return (span) => {
    let changed = span
    for (const rule of rules) {
      const found = extracted(changed.name, rule)
      if (found === undefined) continue
      const attributes = [...found.attributes].reduce(upserted, changed.attributes)
      const name = config.keep_original_name ? changed.name : found.name
      changed = { ...changed, name, attributes }
      if (config.break_after_match) break
    }
    return changed
  }
}

/** The groups of a rule, and the name with theirs in the place of what they hold. */
function extracted(name: string, rule: Expression) {
  const groups = rule.positions(name)
  if (groups === undefined) return undefined
  const attributes = new Map<string, string>()
  let [renamed, from] = ['', 0]
  for (const [i, key] of rule.names.entries()) {
    const [start, end] = groups[i] ?? [-1, -1]
    attributes.set(key, start < 0 ? '' : name.slice(start, end))
    if (start < from) continue // took no part, or lies within the group before
    renamed += `${name.slice(from, start)}{${key}}`
    from = end
  }
  return { attributes, name: renamed + name.slice(from) }
}

function upserted(attributes: Attributes, [key, value]: readonly [string, string]): Attributes {
  const at = attributes.findIndex((one) => one.key === key)
  return at < 0 ? [...attributes, string(key, value)] : attributes.with(at, string(key, value))
}

function setStatus({ code, description }: Exclude<SpanConfig['status'], undefined>): Change {
  const status = { code: CODES[code], message: description }
  return (span) => ({ ...span, status })
}
