import { isDeepStrictEqual } from 'node:util'
import { toAnyValue } from '../attribute_actions/actions.ts'
import { type AnyValue, type Attributes, attribute } from '../data/attributes.ts'
import type { Resource, Scope } from '../data/resource.ts'
import { valueText } from '../data/value_text.ts'
import { compileExpression, remembering } from '../regexp.ts'
import type { MatchProperties } from './fields.ts'

type Test<T> = (value: T) => boolean

/** What must all be true of an item; a part that is not there is true of everything. */
export interface Match<Item> {
  readonly resource: Test<Resource> | undefined
  readonly scope: Test<Scope> | undefined
  readonly item: Test<Item> | undefined
  readonly attributes: Test<Attributes> | undefined
}

/** What the item itself must be, beside its attributes: of each signal its own. */
export type ItemTest<Item> = (properties: MatchProperties, texts: TextTests) => Test<Item>[]

/** How texts are compared. */
export interface TextTests {
  readonly strict: boolean
  /** One of the texts, or found by one of the expressions; undefined if there are none. */
  any(texts: readonly string[]): Test<string> | undefined
}

export function compileMatch<Item>(
  properties: MatchProperties,
  itemTests: ItemTest<Item>,
): Match<Item> {
  const texts = textTests(properties.match_type === 'strict')
  const { services, resources, libraries, attributes } = properties
  const isService = texts.any(services)
  return {
    resource: every<Resource>([
      ...(isService ? [(resource: Resource) => isService(serviceOf(resource))] : []),
      ...compileAttributes(resources, texts).map(
        (test): Test<Resource> =>
          (resource) =>
            test(resource.attributes),
      ),
    ]),
    scope: every(libraries.map((library) => scopeTest(library, texts))),
    item: every(itemTests(properties, texts)),
    attributes: every(compileAttributes(attributes, texts)),
  }
}

function every<T>(tests: readonly Test<T>[]): Test<T> | undefined {
  if (tests.length <= 1) return tests[0]
  return (value) => tests.every((test) => test(value))
}

function textTests(strict: boolean): TextTests {
  const any = (texts: readonly string[]): Test<string> | undefined => {
    if (texts.length === 0) return undefined
    if (strict) {
      const wanted = new Set(texts)
      return (text) => wanted.has(text)
    }
    const expressions = texts.map(compileExpression)
    return remembering((text) => expressions.some((one) => one.test(text)))
  }
  return { strict, any }
}

/** What the Collector takes for a resource without a name. */
const NO_SERVICE = '<nil-service-name>'

function serviceOf({ attributes }: Resource): string {
  const name = attribute(attributes, 'service.name')
  return name === undefined ? NO_SERVICE : valueText(name)
}

function scopeTest(
  { name, version }: MatchProperties['libraries'][number],
  texts: TextTests,
): Test<Scope> {
  const isName = texts.any([name])
  const isVersion = version === undefined ? undefined : texts.any([version])
  return (scope) => isName?.(scope.name) !== false && isVersion?.(scope.version) !== false
}

/** One test for each pair. */
function compileAttributes(
  pairs: MatchProperties['attributes'],
  texts: TextTests,
): Test<Attributes>[] {
  return pairs.map(({ key, value }) => {
    const test = value === undefined ? undefined : valueTest(value, texts)
    return (attributes) => {
      const found = attribute(attributes, key)
      return found !== undefined && test?.(found) !== false
    }
  })
}

/** An expression sees texts, numbers and bools; else the type must be the same too. */
function valueTest(value: unknown, texts: TextTests): Test<AnyValue> {
  const wanted = toAnyValue(value)
  if (wanted.kind !== 'string') return (found) => isDeepStrictEqual(found, wanted)
  if (texts.strict) return (found) => found.kind === 'string' && found.value === wanted.value
  const isText = texts.any([wanted.value])
  return (found) => SCALARS.has(found.kind) && isText?.(valueText(found)) === true
}

const SCALARS: ReadonlySet<AnyValue['kind']> = new Set(['string', 'bool', 'int', 'double'])
