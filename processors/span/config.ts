import { bool, enumOf, type Infer, list, object, optional, text } from '../../config/fields.ts'
import { spanMatchField } from '../../pipeline/match/fields.ts'
import { expressionFault } from '../../pipeline/regexp.ts'

const name = object({
  from_attributes: list(text()).describe(
    'Attributes whose values make the name, if the span has all of them.',
  ),
  separator: text().default('').describe('Between those values.'),
  to_attributes: optional(
    object({
      rules: list(text().check(patternFault)).describe(
        'Expressions (RE2) that are looked for in the name, one after the other: each named group becomes an attribute.',
      ),
      break_after_match: bool()
        .default(false)
        .describe('Whether rules after the first that is found are left out.'),
      keep_original_name: bool()
        .default(false)
        .describe('Whether the name stays; else {attribute} takes the place of each value.'),
    }),
  ).describe('Attributes out of the name.'),
})

export const schema = object({
  name: name.describe('The name from attributes, then attributes from the name.'),
  status: optional(
    object({
      code: enumOf(
        ['Unset', 'Error', 'Ok'],
        () =>
          'error creating "span" processor: "status" must have specified "code" as "Ok" or "Error" or "Unset"',
      ).describe('The status of the span.'),
      description: text().default('').describe('Of an error.'),
    }).check(
      ({ code, description }) =>
        description !== '' &&
        code !== 'Error' &&
        'error creating "span" processor: "description" can be specified only for "code" "Error"',
    ),
  ).describe('What the status of the span is set to.'),
  include: spanMatchField('Only spans that match all of this are acted on.'),
  exclude: spanMatchField('Spans that match all of this are not acted on.'),
}).check(
  ({ name: { from_attributes: from, to_attributes: to }, status }) =>
    from.length === 0 &&
    (to === undefined || to.rules.length === 0) &&
    status === undefined &&
    'error creating "span" processor: either "from_attributes" or "to_attributes" must be specified in "name:" or "setStatus" must be specified',
)

export type SpanConfig = Infer<typeof schema>

function patternFault(pattern: string): string | undefined {
  return expressionFault([pattern], (one, why) => `invalid regexp pattern ${one}: ${why}`)
}
