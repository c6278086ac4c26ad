import { enumOf, type Infer, list, object, opaque, text } from '../../config/fields.ts'

const header = object({
  action: enumOf(['', 'insert', 'update', 'upsert', 'delete'])
    .default('')
    .describe('insert only where there is none, update only where there is one, upsert if empty.'),
  key: text().default('').describe('The name of the header.'),
  value: opaque().optional().describe('What it is set to.'),
  from_context: text()
    .optional()
    .describe('A header of what came in, or auth.NAME of what its authenticator knows.'),
  from_attribute: text().optional().describe('What the authenticator of what came in knows.'),
  default_value: opaque().optional().describe('Where what came in has no such value.'),
})
  .check(({ key }) => key === '' && 'missing header name')
  .check(
    (found) =>
      found.action !== 'delete' &&
      sources(found) === 0 &&
      "missing header source, must be 'from_context', 'from_attribute' or 'value'",
  )
  .check(
    (found) =>
      found.action !== 'delete' &&
      sources(found) > 1 &&
      "invalid header source, must either 'from_context', 'from_attribute' or 'value'",
  )

function sources(found: {
  readonly value: unknown
  readonly from_context: unknown
  readonly from_attribute: unknown
}): number {
  const { value, from_context, from_attribute } = found
  return [value, from_context, from_attribute].filter((one) => one !== undefined).length
}

export const schema = object({
  headers: list(header).describe('What is done to the headers of each request, in this order.'),
  additional_auth: text()
    .default('')
    .describe('Another authenticator, whose headers are set before.'),
}).check(({ headers }) => headers.length === 0 && 'missing headers configuration')

export type HeadersSetterConfig = Infer<typeof schema>
