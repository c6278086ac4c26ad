import type { Infer } from '../../config/fields.ts'
import { type AnyValue, type Attributes, attribute } from '../../pipeline/data/attributes.ts'
import { compileExpression, remembering } from '../../pipeline/regexp.ts'
import type { sections } from './config.ts'
import { type Policy, stateless, type TraceView } from './policy.ts'
import { someSpan } from './span_policies.ts'

type Settings<K extends keyof typeof sections> = Infer<(typeof sections)[K]>
type Test = (value: AnyValue) => boolean

/** Tests of a value, where it is an attribute of a resource and where of a span. */
interface Tests {
  readonly resource: Test
  readonly span: Test
}

const has = (attributes: Attributes, key: string, test: Test): boolean => {
  const value = attribute(attributes, key)
  return value !== undefined && test(value)
}

const someMatch = (trace: TraceView, key: string, tests: Tests): boolean =>
  trace.resources.some(({ resource }) => has(resource.attributes, key, tests.resource)) ||
  someSpan(trace, ({ attributes }) => has(attributes, key, tests.span))

function byAttribute(key: string, tests: Tests, invert: boolean): Policy {
  return stateless((trace) => someMatch(trace, key, tests) !== invert)
}

/** A value of another type counts as 0, as in the Collector. */
export function numericAttribute(settings: Settings<'numeric_attribute'>): Policy {
  const min = settings.min_value === 0 ? Number.NEGATIVE_INFINITY : settings.min_value
  const max = settings.max_value === 0 ? Number.POSITIVE_INFINITY : settings.max_value
  const test: Test = (value) => {
    const number = value.kind === 'int' ? value.value : 0
    return number >= min && number <= max
  }
  return byAttribute(settings.key, { resource: test, span: test }, settings.invert_match)
}

/** The same: a value of another type counts as false. With `invert_match` every attribute that is there must differ. */
export function booleanAttribute({ key, value, invert_match }: Settings<'boolean_attribute'>) {
  const test: Test = (found) => (found.kind === 'bool' && found.value) === value
  return byAttribute(key, { resource: test, span: test }, invert_match)
}

/** A value of another type counts as '', which of a span never matches. */
export function stringAttribute(settings: Settings<'string_attribute'>): Policy {
  const matches = matcherOf(settings)
  const textOf = (value: AnyValue) => (value.kind === 'string' ? value.value : '')
  const tests: Tests = {
    resource: (value) => matches(textOf(value)),
    span: (value) => textOf(value) !== '' && matches(textOf(value)),
  }
  return byAttribute(settings.key, tests, settings.invert_match)
}

function matcherOf({ values, enabled_regex_matching }: Settings<'string_attribute'>) {
  if (!enabled_regex_matching) {
    const wanted = new Set(values.filter((value) => value !== ''))
    return (text: string) => wanted.has(text)
  }
  const expressions = values.map(compile)
  return remembering((text) => expressions.some((one) => one.test(text)))
}

function compile(pattern: string) {
  try {
    return compileExpression(pattern)
  } catch (cause) {
    throw new Error(`invalid regex \`${pattern}\`: ${(cause as Error).message}`, { cause })
  }
}
