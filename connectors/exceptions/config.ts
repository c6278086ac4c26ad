import { bool, type Infer, list, object, text } from '../../config/fields.ts'

const OWN = ['service.name', 'span.kind', 'span.name', 'status.code']

export const schema = object({
  dimensions: list(
    object({
      name: text().nonEmpty().describe('An attribute of the span, the event or the resource.'),
      default: text()
        .optional()
        .describe('Where there is no such attribute; without it the label is left out.'),
    }),
  )
    .default([
      { name: 'exception.type', default: undefined },
      { name: 'exception.message', default: undefined },
    ])
    .describe('Labels beside service.name, span.name, span.kind and status.code.')
    .check(duplicate),
  exemplars: object({
    enabled: bool().default(false).describe('Whether points name spans.'),
  }).describe('Spans as examples.'),
})

export type ExceptionsConfig = Infer<typeof schema>

function duplicate(found: readonly { readonly name: string }[]): string | undefined {
  const names = [...OWN, ...found.map(({ name }) => name)]
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  return twice && `failed validating dimensions: duplicate dimension name ${twice}`
}
